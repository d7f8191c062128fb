"""An endpoint that stands still when the bridge starts: its TCP takes connections and lines, which says nothing. What is
in the spool waits until the endpoint answers. One that answers others, and gives no acknowledgements, gets its lines."""

import json
import os
import signal
import tempfile
import types
import unittest
from pathlib import Path

from support.bridge_test import BridgeTest
from support.daemon import get
from support.waiting import free_port, listens, wait_until

CONFIG = """
spool: {{directory: {folder}/spool}}
streams: [{{name: boiler, token: tokenboilr}}]
routes: [{{topic: boiler, decode: {{type: number}}, stream: boiler}}]
"""


class AnEndpointThatStandsStill(BridgeTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def serve(self):
        daemon = self.start_daemon(command=("serve",), arguments=(
            "--listen", f"127.0.0.1:{self.port}", "--state", self.folder / "plots.db"))
        wait_until(lambda: listens(self.port), "the endpoint listens")
        return daemon

    def bridge(self, broker, url):
        return self.start_bridge(CONFIG.format(folder=self.folder), broker, types.SimpleNamespace(url=url),
                                 broker_keys=", client_id: gateway")

    def kill(self, daemon):
        os.kill(daemon.pid, signal.SIGKILL)
        daemon.wait()

    def values(self):
        status, text = get(self.url + "/apigetfile/plant/1")
        return json.loads(text)["payload"]["figure"]["data"][0].get("y", []) if status == 200 else []

    def test_costs_no_line(self):
        broker, endpoint = self.start_broker(), self.serve()
        bridge = self.bridge(broker, self.url)
        broker.publish("boiler", *range(50))
        wait_until(lambda: self.values() == list(range(50)), "the lines are there")
        os.kill(endpoint.pid, signal.SIGSTOP)
        self.kill(bridge)
        bridge = self.bridge(broker, self.url)
        broker.publish("boiler", *range(50, 150))
        bridge.wait_for_log("the endpoint takes connections and answers nothing")
        self.assertNotIn("no acknowledgements", bridge.log())
        self.kill(endpoint)  # it never read what its TCP had
        self.serve()
        wait_until(lambda: self.values() == list(range(150)), "every line came once")

    def test_does_not_keep_the_bridge_from_ending(self):
        broker, endpoint = self.start_broker(), self.serve()
        os.kill(endpoint.pid, signal.SIGSTOP)
        bridge = self.bridge(broker, self.url)
        broker.publish("boiler", *range(10))
        bridge.wait_for_log("the endpoint takes connections and answers nothing")
        self.assertEqual(bridge.stop(), 0)
        self.assertIn("lines wait in the spool for the next start lines=10", bridge.log())
        os.kill(endpoint.pid, signal.SIGCONT)

    def test_is_told_apart_from_one_without_acknowledgements(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        bridge = self.bridge(broker, endpoint.url)
        broker.publish("boiler", *range(10))
        bridge.wait_for_log("no acknowledgements")
        lines = endpoint.wait_for_lines("tokenboilr", 10)
        self.assertEqual([json.loads(line)["y"] for line in lines], list(range(10)))


if __name__ == "__main__":
    unittest.main()
