"""The stage of a test with an endpoint that keeps its state, `serve --state`, and is ended and started again."""

import json
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

from support.bridge_test import BridgeTest
from support.daemon import get
from support.waiting import PATIENCE, free_port


class KeptEndpointTest(BridgeTest):
    """`page` is its address, at the same `port` each time; `state` its file, alone in a folder."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name) / "plots.db"
        self.port = free_port()
        self.page = f"http://127.0.0.1:{self.port}"

    def serve(self):
        daemon = self.start_daemon(command=("serve",),
                                   arguments=("--listen", f"127.0.0.1:{self.port}", "--state", self.state))
        daemon.wait_for_log("endpoint listening")
        return daemon

    def make_plot(self, name, token, max_points=10000):
        """Its number."""
        form = urllib.parse.urlencode({
            "un": "plant", "key": "k", "origin": "plot", "platform": "python",
            "args": json.dumps([{"name": name, "stream": {"token": token, "maxpoints": max_points}}]),
            "kwargs": json.dumps({"filename": name, "fileopt": "overwrite"})})
        with urllib.request.urlopen(self.page + "/clientresp", form.encode(), timeout=PATIENCE) as answer:
            return json.load(answer)["url"].rsplit("/", 1)[1]

    def values(self, plot):
        """Every `y` in the window of the plot's first trace; none where there is no such plot."""
        status, text = get(f"{self.page}/apigetfile/plant/{plot}")
        return json.loads(text)["payload"]["figure"]["data"][0].get("y", []) if status == 200 else []
