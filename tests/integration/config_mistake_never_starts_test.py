"""A mistake in the configuration: exit 78, every mistake with its place, nothing listens and nobody is called."""

import re
import socket
import tempfile
import unittest
from pathlib import Path

from support.bridge_test import BridgeTest
from support.waiting import free_port, listens

CONFIG = """version: 1
broker:
  url: mqtt://127.0.0.1:BROKER
admin: {listen: "127.0.0.1:ADMIN"}
server: {listen: "127.0.0.1:PAGE"}
streams:
  - {name: boiler, token: tokenboilr, max_rte: 20/s}
routes:
  - {topic: plant/t, decode: {type: number}, stream: boyler}
"""


class AConfigMistake(BridgeTest):
    def test_never_starts_the_daemon(self):
        with socket.create_server(("127.0.0.1", 0)) as broker:
            broker.setblocking(False)
            admin, page = free_port(), free_port()
            text = CONFIG.replace("BROKER", str(broker.getsockname()[1]))
            daemon = self.start_daemon(text.replace("ADMIN", str(admin)).replace("PAGE", str(page)))
            self.assertEqual(daemon.wait(), 78)
            with self.assertRaises(BlockingIOError, msg="the broker was called"):
                broker.accept()
        self.assertFalse(listens(admin) or listens(page))
        place = re.escape(str(daemon.config_path))
        self.assertRegex(daemon.log(), rf"(?m)^{place}:7:\d+: .*max_rte.*max_rate")
        self.assertRegex(daemon.log(), rf"(?m)^{place}:9:\d+: .*boyler.*boiler")

    def test_check_says_the_same(self):
        daemon = self.start_daemon(CONFIG.replace("BROKER", "1").replace("ADMIN", "2").replace("PAGE", "3"),
                                   command=("check",))
        self.assertEqual(daemon.wait(), 78)
        self.assertIn(":7:", daemon.log())
        self.assertIn(":9:", daemon.log())

    def test_check_looks_into_the_certificates(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder) / name for name in ("server.pem", "server.key")]
            for file in files:
                file.touch(mode=0o600)
                file.write_text("no PEM\n")
            daemon = self.start_daemon("version: 1\n"
                                       f"broker: {{url: mqtts://localhost, tls: {{ca: {files[0]}}}}}\n"
                                       f"endpoint: {{url: https://localhost, tls: {{cert: {files[0]}, key: {files[1]}}}}}\n"
                                       f"server: {{tls: {{cert: {files[0]}, key: {files[1]}}}}}\n",
                                       command=("check",))
            self.assertEqual(daemon.wait(), 78)
        self.assertIn(f"broker.tls: cannot use {files[0]}: no certificates in PEM", daemon.log())
        self.assertIn(f"endpoint.tls: {files[0]}: no certificate in PEM", daemon.log())
        self.assertIn(f"server.tls: {files[0]}: no certificate in PEM", daemon.log())

    def test_a_file_that_is_not_there(self):
        daemon = self.start_daemon(arguments=("-c", "/nonexistent/plotbridge.yaml"))
        self.assertEqual(daemon.wait(), 78)
        self.assertIn("/nonexistent/plotbridge.yaml", daemon.log())


if __name__ == "__main__":
    unittest.main()
