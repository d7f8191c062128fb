"""Standard error that nobody reads, as of a journal that stalls, delays nothing: lines are delivered, SIGTERM ends the
program in time, and what was dropped of the log is counted and told."""

import fcntl
import os
import socket
import subprocess
import tempfile
import unittest
from pathlib import Path

from support.bridge_test import BridgeTest
from support.daemon import PROGRAM, get, parse_metrics
from support.waiting import PATIENCE, free_port, listens, wait_until

CONFIG = """version: 1
broker: {{url: "{broker}"}}
endpoint: {{url: "{endpoint}"}}
admin: {{listen: "127.0.0.1:{admin}"}}
log: {{level: debug}}
streams: [{{name: boiler, token: tokenboilr, when_faster: queue}}]
routes:
  - {{topic: plant/boiler, decode: {{type: number}}, stream: boiler}}
"""


class StalledPipe:
    """A pipe that is full from the start and read when the test wants it."""

    def __init__(self):
        self.reading, self.writing = os.pipe()
        fcntl.fcntl(self.writing, fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(self.writing, False)
        self.garbage = 0
        try:
            while True:
                self.garbage += os.write(self.writing, b"-" * 512)
        except BlockingIOError:
            pass
        os.set_blocking(self.writing, True)

    def read_to_end(self):
        os.close(self.writing)
        with os.fdopen(self.reading, "rb") as pipe:
            return pipe.read()[self.garbage:].decode()


class LogNeverBlocks(BridgeTest):
    def start(self, config, pipe, command="run"):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "plotbridge.yaml"
        path.write_text(config)
        process = subprocess.Popen([PROGRAM, command, "-c", str(path)], stderr=pipe.writing)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def test_lines_go_on_and_sigterm_ends_the_program(self):
        broker, endpoint, admin = self.start_broker(), self.start_endpoint(), free_port()
        pipe = StalledPipe()
        self.addCleanup(os.close, pipe.reading)
        self.addCleanup(os.close, pipe.writing)
        process = self.start(CONFIG.format(broker=broker.url, endpoint=endpoint.url, admin=admin), pipe)
        page = f"http://127.0.0.1:{admin}"
        wait_until(lambda: listens(admin) and get(page + "/readyz")[0] == 200, "/readyz says 200")
        broker.publish("plant/boiler", *range(50))
        wait_until(lambda: len(endpoint.lines("tokenboilr")) == 50, "the lines are delivered")
        metrics = parse_metrics(get(page + "/metrics")[1])
        self.assertEqual(metrics["plotbridge_log_dropped_lines_total"], 0, "there is room for a MiB of them")
        process.terminate()
        self.assertEqual(process.wait(timeout=PATIENCE), 0)

    def test_error_right_before_the_end_is_not_lost(self):
        pipe = StalledPipe()
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            process = self.start(f'version: 1\nserver: {{listen: "127.0.0.1:{port}"}}\n', pipe, "serve")
            text = pipe.read_to_end()
            self.assertEqual(process.wait(timeout=PATIENCE), 69)
        self.assertRegex(text, "cannot start .*" + str(port))


if __name__ == "__main__":
    unittest.main()
