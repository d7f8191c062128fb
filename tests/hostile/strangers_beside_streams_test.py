"""3,000 strangers of several kinds beside ten legitimate streams, five of the bridge and five of plain clients: the
streams lose nothing, are never refused, and what the strangers hold stays within their pool."""

import json
import resource
import socket
import statistics
import sys
import threading
import time
import unittest
import urllib.parse
import urllib.request

from support.bridge_test import BridgeTest
from support.daemon import get
from support.waiting import PATIENCE, wait_until

STRANGERS = 3000
LINES = 300
MIB = 1 << 20
CONFIG = "streams:\n" + "".join(f"  - {{name: s{i}, token: bridgetok{i}}}\n" for i in range(5)) + "routes:\n" + "".join(
    f"  - {{topic: plant/{i}, decode: {{type: number}}, stream: s{i}}}\n" for i in range(5))

HOST = b"Host: 127.0.0.1\r\n"
HEAD = b"POST / HTTP/1.1\r\n" + HOST
KINDS = {
    "silent": b"",
    "slow head": b"GET / HTTP/1.1\r\nX-Slow: ",
    "half a TLS handshake": b"\x16\x03\x01\x02\x00\x01\x00",
    "line without a token": HEAD + b"User-Agent: Arduino\r\nContent-Length: 900000\r\n\r\n" + b'{"x":"' + b"a" * 65000,
    "tiny chunks": HEAD + b"User-Agent: Arduino\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 1000,
    "endless chunk extension": HEAD + b"User-Agent: Arduino\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 8000,
    "endless trailer": b"POST /clientresp HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"x" * 8000,
    "body without a key": b"POST /clientresp HTTP/1.1\r\n" + HOST + b"Content-Length: 8000000\r\n\r\n" + b"x" * 150000,
    # Together more than the endpoint has places for, among the newest 1,024.
    "watcher that does not read": b"GET /api/plots/1/events HTTP/1.1\r\n" + HOST + b"\r\n",
    "watcher of another plot": b"GET /api/plots/2/events HTTP/1.1\r\n" + HOST + b"\r\n",
    "watcher over HTTP/1.0": b"GET /api/plots/3/events HTTP/1.0\r\n" + HOST + b"\r\n",
    "reader that does not read": b"GET /apigetfile/plant/1 HTTP/1.1\r\n" + HOST + b"\r\n",
    "pipelined requests": (b"GET /api/plots HTTP/1.1\r\n" + HOST + b"\r\n") * 200,
}


class Strangers:
    """Connections that come one after the other and stay for as long as they are let."""

    def __init__(self, port):
        self._port = port
        self._sockets = []
        self.opened = 0
        self._thread = threading.Thread(target=self._come, daemon=True)
        self._thread.start()

    def _come(self):
        kinds = list(KINDS.values())
        for i in range(STRANGERS):
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            try:
                one.settimeout(PATIENCE)
                one.connect(("127.0.0.1", self._port))
                one.setblocking(False)
                one.send(kinds[i % len(kinds)])
            except OSError:
                pass  # the server may have closed it already
            self._sockets.append(one)
            self.opened += 1

    def wait(self):
        self._thread.join(PATIENCE * 3)

    def close(self):
        self.wait()
        for one in self._sockets:
            one.close()


class PlainClient:
    """Streams numbered lines with a token in chunks, and is never refused."""

    def __init__(self, port, token):
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket.sendall(HEAD + f"plotly-streamtoken: {token}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())

    def send(self, value):
        line = b'{"y":%d}\n' % value
        self._socket.sendall(b"%x\r\n%s\r\n" % (len(line), line))

    def end(self):
        self._socket.sendall(b"0\r\n\r\n")
        answer = b""
        while piece := self._socket.recv(65536):
            answer += piece
        self._socket.close()
        return answer.split(b"\r\n")[0]


class StrangersBesideStreams(BridgeTest):
    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))
        self.broker = self.start_broker()
        self.daemon = self.start_bridge(CONFIG, self.broker)
        self.port = int(self.daemon.page.rsplit(":", 1)[1])
        self.plots = [self.make_plot(f"plaintok{i}") for i in range(5)]

    def make_plot(self, token):
        """A plot for the token, which is known from then on; its number."""
        form = urllib.parse.urlencode({
            "un": "plant", "key": "k", "origin": "plot", "platform": "python",
            "args": json.dumps([{"stream": {"token": token, "maxpoints": 10000}}]),
            "kwargs": json.dumps({"filename": token, "fileopt": "overwrite"})})
        with urllib.request.urlopen(self.daemon.page + "/clientresp", form.encode(), timeout=PATIENCE) as answer:
            return json.load(answer)["url"].rsplit("/", 1)[1]

    def values(self, plot):
        status, text = get(f"{self.daemon.page}/apigetfile/plant/{plot}")
        return json.loads(text)["payload"]["figure"]["data"][0].get("y", []) if status == 200 else None

    def limited(self, reason):
        return self.daemon.metric("plotbridge_endpoint_limited_total", reason=reason)

    def median_of_a_line(self):
        """Seconds from a connection to the answer to its one line, of a token that is known."""
        times = []
        for _ in range(50):
            began = time.perf_counter()
            request = urllib.request.Request(self.daemon.page + "/", b'{"y":1}\n', {"plotly-streamtoken": "proberproof"})
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                self.assertEqual(answer.status, 200)
            times.append(time.perf_counter() - began)
        return statistics.median(times)

    def send_all(self, clients, first, last):
        for i in range(5):
            self.broker.publish(f"plant/{i}", *[str(n) for n in range(first, last)])
        for n in range(first, last):
            for client in clients:
                client.send(n)

    def test_streams_lose_nothing_and_strangers_hold_little(self):
        self.make_plot("proberproof")
        before = self.median_of_a_line()
        clients = [PlainClient(self.port, f"plaintok{i}") for i in range(5)]
        self.send_all(clients, 0, LINES // 3)
        strangers = Strangers(self.port)
        self.addCleanup(strangers.close)
        wait_until(lambda: strangers.opened > STRANGERS // 3, "a thousand strangers have come")
        self.send_all(clients, LINES // 3, 2 * LINES // 3)
        during = self.median_of_a_line()
        strangers.wait()
        self.assertEqual(strangers.opened, STRANGERS)
        self.send_all(clients, 2 * LINES // 3, LINES)
        print(f"a line took {before * 1000:.2f} ms without strangers, {during * 1000:.2f} ms beside them: "
              f"{during / before:.1f} times as long", file=sys.stderr)

        wait_until(lambda: self.daemon.metric("plotbridge_endpoint_lines_total") >= 10 * LINES, "all lines came")
        self.assertLessEqual(self.daemon.metric("plotbridge_endpoint_unproved_connections"), 1024)
        self.assertLessEqual(self.daemon.metric("plotbridge_endpoint_unproved_bytes"), 16 * MIB)
        self.assertLessEqual(self.daemon.metric("plotbridge_endpoint_watchers"), 100)
        self.assertGreater(self.limited("unproved") + self.limited("memory"), 0)
        self.assertGreater(self.limited("watchers"), 0)
        self.assertEqual(self.limited("failure"), 0)

        strangers.close()
        self.assertEqual([client.end() for client in clients], [b"HTTP/1.1 200 OK"] * 5)
        wanted = list(range(LINES))
        for plot in self.plots:
            self.assertEqual(self.values(plot), wanted)
        listed = json.loads(get(self.daemon.page + "/api/plots")[1])["plots"]
        bridged = [plot["id"] for plot in listed if plot["name"] in {f"s{i}" for i in range(5)}]
        self.assertEqual([self.values(plot) for plot in bridged], [wanted] * 5)
        for i in range(5):
            self.assertEqual(self.daemon.stream(f"s{i}")["reconnects"], 0)
        wait_until(lambda: self.daemon.metric("plotbridge_endpoint_unproved_connections") <= 1, "they are gone")


if __name__ == "__main__":
    unittest.main()
