"""`plotbridge serve` alone, on a port of its choice: takes streams, shows them, and the newest of a token wins."""

import json
import os
import signal
import socket
import unittest

from support.bridge_test import BridgeTest
from support.daemon import get
from support.waiting import PATIENCE, wait_until

HEAD = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\nplotly-streamtoken: abcdefghij\r\n\r\n"
LINE = b'11\r\n{"x": 1, "y": 7}\n\r\n'


class Serve(BridgeTest):
    def setUp(self):
        self.daemon = self.start_daemon(command=("serve",), arguments=("--listen", "127.0.0.1:0"))
        found = self.daemon.wait_for_log(r"listening.*\burl=(http://127\.0\.0\.1:(\d+)/)")
        self.page, self.port = found.group(1), int(found.group(2))

    def open_stream(self):
        stream = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        self.addCleanup(stream.close)
        stream.sendall(HEAD + LINE)
        return stream

    def trace(self):
        """The only trace of the only plot, once there is one."""
        plots = json.loads(get(self.page + "api/plots")[1])["plots"]
        return plots[0]["traces"][0] if plots else None

    def read_to_the_end(self, stream):
        data = b""
        while more := stream.recv(65536):
            data += more
        return data.decode()

    def test_tells_its_streams_that_it_stops(self):
        stream = self.open_stream()
        wait_until(self.trace, "the page has the stream")
        os.kill(self.daemon.pid, signal.SIGTERM)
        self.assertTrue(self.read_to_the_end(stream).startswith("HTTP/1.1 503 "))
        stream.close()
        self.assertEqual(self.daemon.wait(), 0)

    def test_takes_a_stream_and_shows_it(self):
        stream = self.open_stream()
        trace = wait_until(lambda: (t := self.trace()) and t["lines"] == 1 and t, "the page has the line")
        self.assertEqual((trace["state"], trace["last"]), ("live", "7"))
        self.assertNotIn("abcdefghij", get(self.page + "api/plots")[1])
        stream.sendall(LINE + b"0\r\n\r\n")
        answer = self.read_to_the_end(stream)
        self.assertRegex(answer, r"^HTTP/1\.1 200 ")
        self.assertRegex(answer, r"(?i)\r\nconnection: close\r\n")
        wait_until(lambda: self.trace()["lines"] == 2, "the last line is there")

    def test_the_newest_connection_of_a_token_wins(self):
        first = self.open_stream()
        wait_until(lambda: self.trace(), "the first is there")
        second = self.open_stream()
        self.assertRegex(self.read_to_the_end(first), r"^HTTP/1\.1 423 ")
        wait_until(lambda: self.trace()["evictions"] == 1, "the eviction is counted")
        second.sendall(LINE)
        wait_until(lambda: self.trace()["lines"] == 3, "the second goes on")

    def test_refuses_what_is_not_json(self):
        stream = self.open_stream()
        stream.sendall(b"4\r\nno!\n\r\n")
        self.assertRegex(self.read_to_the_end(stream), r"^HTTP/1\.1 422 ")

    def test_serves_a_page_that_needs_no_other_machine(self):
        status, page = get(self.page)
        self.assertEqual(status, 200)
        self.assertNotIn("https://", page)
        self.assertIn("app.js", page)


if __name__ == "__main__":
    unittest.main()
