"""`serve --state`: who was answered finds his plots and data after kill -9; one process at a time has the file."""

import json
import os
import signal
import socket
import tempfile
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

from support.bridge_test import BridgeTest
from support.daemon import get
from support.waiting import PATIENCE, wait_until


class StateSurvivesKill(BridgeTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.state = Path(folder.name) / "plots.db"

    def serve(self):
        daemon = self.start_daemon(command=("serve",), arguments=("--listen", "127.0.0.1:0", "--state", self.state))
        found = daemon.wait_for_log(r"listening.*\burl=(http://127\.0\.0\.1:(\d+)/)")
        self.page, self.port = found.group(1), int(found.group(2))
        return daemon

    def kill(self, daemon):
        os.kill(daemon.pid, signal.SIGKILL)
        daemon.wait()

    def stream(self, token, values):
        lines = b"".join(b'{"y":%d}\n' % value for value in values)
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as stream:
            stream.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nplotly-streamtoken: %s\r\nContent-Length: %d\r\n\r\n%s"
                           % (token, len(lines), lines))
            return stream.recv(65536)

    def plot(self, name, token):
        form = urllib.parse.urlencode({
            "un": "plant", "key": "k", "origin": "plot", "platform": "python",
            "args": json.dumps([{"name": name, "stream": {"token": token, "maxpoints": 1000}}]),
            "kwargs": json.dumps({"filename": name, "fileopt": "overwrite"})})
        with urllib.request.urlopen(self.page + "clientresp", form.encode(), timeout=PATIENCE) as answer:
            return urllib.parse.urlparse(json.load(answer)["url"]).path

    def values(self, path):
        number = path.rsplit("/", 1)[1]
        figure = json.loads(get(f"{self.page}apigetfile/plant/{number}")[1])["payload"]["figure"]
        return figure["data"][0].get("y", [])

    def test_who_was_answered_finds_everything(self):
        sent = []
        path = None
        for run in range(5):
            daemon = self.serve()
            if path is None:
                path = self.plot("vec", "abcdefghij")
            self.assertEqual(self.values(path), sent)
            for _ in range(10):
                more = range(len(sent), len(sent) + 7)
                self.assertIn(b" 200 OK", self.stream(b"abcdefghij", more))
                sent.extend(more)
            other = self.plot(f"plot {run}", f"token{run}")
            self.kill(daemon)
            daemon = self.serve()
            self.assertEqual(self.values(path), sent)
            self.assertEqual(self.values(other), [])
            self.assertEqual(daemon.stop(), 0)

    def test_lines_of_a_stream_that_goes_on_are_there_soon(self):
        daemon = self.serve()
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as stream:
            stream.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nplotly-streamtoken: abcdefghij\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n8\r\n{\"y\":1}\n\r\n")
            wait_until(lambda: b'"y":[1]' in self.written(), "the line is on disk")
            self.kill(daemon)
        self.serve()
        self.assertEqual(self.values("/plots/1"), [1])

    def written(self):
        return b"".join(path.read_bytes() for path in self.state.parent.iterdir())

    def test_belongs_to_one_process_at_a_time(self):
        self.serve()
        second = self.start_daemon(command=("serve",), arguments=("--listen", "127.0.0.1:0", "--state", self.state))
        self.assertEqual(second.wait(), 75)
        self.assertIn("in use", second.log())


if __name__ == "__main__":
    unittest.main()
