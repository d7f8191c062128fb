"""`plotbridge status`: the table of a running daemon, found by URL or by the configuration, and what it says when there
is none."""

import http.server
import os
import subprocess
import threading
import unittest

from support.bridge_test import BridgeTest
from support.daemon import PROGRAM
from support.waiting import PATIENCE, free_port, wait_until

CONFIG = """
streams:
  - {name: boiler, token: tokenboilr}
  - {name: stranger, token: tokenstran}
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""


def status(*arguments, **environment):
    """Exit code, standard output and standard error."""
    run = subprocess.run([PROGRAM, "status", *arguments], capture_output=True, text=True, timeout=PATIENCE,
                         env={**os.environ, **environment})
    return run.returncode, run.stdout, run.stderr


class StatusCommand(BridgeTest):
    def test_shows_each_stream_and_the_broker(self):
        broker = self.start_broker()
        endpoint = self.start_endpoint(
            on_stream=lambda stream: stream.answer("404 Not Found") if stream.token == "tokenstran" else None)
        daemon = self.start_bridge(CONFIG, broker, endpoint)
        broker.publish("plant/boiler", 1, 2, 3)
        endpoint.wait_for_lines("tokenboilr", 3)
        wait_until(lambda: daemon.stream("stranger")["state"] == "parked", "the stream is parked")
        admin = f"http://127.0.0.1:{daemon.admin_port}"

        code, table, problem = status("--admin", admin)
        self.assertEqual((code, problem), (0, ""))
        head, boiler, stranger, empty, about_broker = table.splitlines()
        self.assertEqual(head.split(),
                         "STREAM STATE SINCE LINES/S QUEUED SPOOLED EVICTIONS LAST REASON".split())
        self.assertRegex(boiler, r"^boiler +(probation|live) +\d+s +\d+\.\d +0 +0 +0  -$")
        self.assertRegex(stranger, r"^stranger +parked +\d+s +0\.0 +0 +0 +0  refused \d+s ago: the endpoint answered 404")
        self.assertEqual(empty, "")
        self.assertRegex(about_broker, rf"^broker {broker.url}: connected for \d+s, 0 reconnects$")

        for how in ((("--admin", admin + "/"), {}), (("-c", str(daemon.config_path)), {}),
                    ((), {"PLOTBRIDGE_CONFIG": str(daemon.config_path)}),
                    (("--admin", admin), {"PLOTBRIDGE_CONFIG": "/nowhere/plotbridge.yaml"})):
            self.assertEqual(status(*how[0], **how[1])[0], 0, how)

        # The rate is over whole seconds, so it shows when the first of them is over.
        wait_until(lambda: daemon.stream("boiler")["lines_per_second"] > 0, "lines a second")

    def test_nobody_there(self):
        admin = f"http://127.0.0.1:{free_port()}"
        code, table, problem = status("--admin", admin)
        self.assertEqual((code, table), (69, ""))
        self.assertIn(admin, problem)
        self.assertIn("plotbridge run", problem)

    def test_somebody_else_there(self):
        class Other(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if self.path == "/status" else 404)
                self.end_headers()
                self.wfile.write(b"<html>welcome</html>")

            def log_message(self, *_):
                pass

        with http.server.HTTPServer(("127.0.0.1", 0), Other) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            admin = f"http://127.0.0.1:{server.server_port}"
            for url, words in ((admin, "not understood"), (admin + "/page", "404")):
                code, table, problem = status("--admin", url)
                self.assertEqual((code, table), (1, ""), url)
                self.assertIn(words, problem)
            server.shutdown()

    def test_wrong_use(self):
        self.assertEqual(status("--admin", "127.0.0.1:9464")[0], 2)
        self.assertEqual(status("--admin", "ftp://127.0.0.1")[0], 2)
        self.assertEqual(status("-c", "/nowhere/plotbridge.yaml")[0], 78)


if __name__ == "__main__":
    unittest.main()
