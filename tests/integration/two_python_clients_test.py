"""Two clients of one token with the manners of Plotly's Python client, which take it from each other without end: one of
them gets all of its data through."""

import json
import unittest

from support.bridge_test import BridgeTest
from support.daemon import get
from support.python_client import PythonClient

LINES = 40


class TwoPythonClients(BridgeTest):
    def test_one_of_them_delivers_everything(self):
        daemon = self.start_daemon(command=("serve",), arguments=("--listen", "127.0.0.1:0"))
        found = daemon.wait_for_log(r"listening.*\burl=(http://127\.0\.0\.1:(\d+)/)")
        page, port = found.group(1), int(found.group(2))
        clients = [PythonClient(port, "abcdefghij", name, LINES, pause=0.05) for name in (1, 2)]
        for client in clients:
            client.wait(patience=120)
        window = self.window(page, plot=1)
        delivered = {name: [x for x, y in window if y == name] for name in (1, 2)}
        self.assertIn(list(range(LINES)), delivered.values(), delivered)
        trace = json.loads(get(page + "api/plots")[1])["plots"][0]["traces"][0]
        self.assertLessEqual(trace["evictions"], 3)
        daemon.wait_for_log(r"stream refused.*\bstatus=423\b.*a token of its own")

    def window(self, page, plot):
        """The points (x, y) of the plot's only trace."""
        figure = json.loads(get(f"{page}apigetfile/plotbridge/{plot}")[1])["payload"]["figure"]
        return list(zip(figure["data"][0]["x"], figure["data"][0]["y"]))


if __name__ == "__main__":
    unittest.main()
