"""`serve --state` killed again and again under load: a client that numbers its lines and goes on at any number that was
acknowledged, or at the one that HEAD tells, has every value in the plot once and in order."""

import json
import random
import re
import select
import socket
import threading
import unittest

from support.kept_endpoint import KeptEndpointTest
from support.waiting import PATIENCE, wait_until


KILLS = 6
GAIN = 500  # lines that each stream has acknowledged before the next kill
WINDOW = 300  # lines on their way


class NumberedClient(threading.Thread):
    """Streams {"y": NUMBER} from `first` on, until the connection ends or `last` is sent and answered."""

    def __init__(self, port, token, epoch, first, pad, last=None):
        super().__init__(daemon=True)
        self.acknowledged, self.close, self.head, self.failure = [first], None, b"", None
        self._token, self._epoch, self._next, self._pad, self._last = token, epoch, first, pad, last
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._received = b""
        self.start()

    def run(self):
        try:
            self._stream()
        except OSError as error:
            self.failure = error  # killed
        self._socket.close()

    def _stream(self):
        self._socket.sendall(
            b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nplotly-streamtoken: %s\r\n"
            b"Stream-Producer: 2f1c\r\nStream-Epoch: %d\r\nStream-Seq: %d\r\n\r\n"
            % (self._token.encode(), self._epoch, self._next))
        ended = False
        while True:
            room = self.acknowledged[-1] + WINDOW - self._next
            if self._last is not None:
                room = min(room, self._last - self._next)
            if room > 0:
                self._send(min(room, random.randint(1, 50)))
            elif self._next == self._last and not ended:
                self._socket.sendall(b"0\r\n\r\n")
                ended = True
            if select.select([self._socket], [], [], 0 if room > 0 else 0.1)[0]:
                more = self._socket.recv(65536)
                if not more:
                    return
                self._received += more
                self._read()

    def _send(self, count):
        body = b"".join(b'{"y":%d,"text":"%s"}\n' % (number, self._pad)
                        for number in range(self._next, self._next + count))
        self._next += count
        self._socket.sendall(b"%x\r\n%s\r\n" % (len(body), body))

    def _read(self):
        if not self.head:
            head, found, body = self._received.partition(b"\r\n\r\n")
            if not found:
                return
            self.head, self._received = head, body
        *lines, self._received = self._received.split(b"\n")
        for line in lines:
            if line.startswith(b"{"):
                said = json.loads(line)
                self.acknowledged.append(said["next"])
                self.close = said.get("close")


class AcknowledgedLinesComeOnce(KeptEndpointTest):
    def standing(self, token):
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as asking:
            asking.sendall(b"HEAD / HTTP/1.1\r\nHost: h\r\nplotly-streamtoken: %s\r\nStream-Producer: 2f1c\r\n\r\n"
                           % token.encode())
            answer = b""
            while more := asking.recv(65536):
                answer += more
        return int(re.search(rb"\r\nStream-Seq-Next: (\d+)\r\n", answer).group(1))

    def test_every_value_comes_once_and_in_order(self):
        daemon = self.serve()
        # The second brings more within a transaction than is written line by line.
        pads = {"slim": b"", "wide": b"w" * 600}
        plots = {token: self.make_plot(token, token) for token in pads}
        heard = {token: {0} for token in pads}
        for epoch in range(KILLS):
            clients = {token: NumberedClient(self.port, token, epoch, self.resume_at(token, heard[token]), pad)
                       for token, pad in pads.items()}
            for token, client in clients.items():
                goal = max(heard[token]) + GAIN
                wait_until(lambda: client.acknowledged[-1] >= goal or not client.is_alive(), f"{token} is at {goal}")
                self.assertTrue(client.is_alive(), client.head)
                self.assertIn(b"Stream-Durability: process", client.head)
            daemon.kill()
            daemon = self.serve()
            for token, client in clients.items():
                client.join(PATIENCE)
                heard[token].update(client.acknowledged)
                kept = self.standing(token)
                self.assertGreaterEqual(kept, max(heard[token]))
                self.assertEqual(self.values(plots[token]), list(range(kept)))
        for token, pad in pads.items():
            last = max(heard[token]) + 2 * WINDOW
            client = NumberedClient(self.port, token, KILLS, self.resume_at(token, heard[token]), pad, last)
            client.join(PATIENCE)
            self.assertEqual((client.close, client.acknowledged[-1]), ("done", last), client.head)
            self.assertEqual(self.values(plots[token]), list(range(last)))
        daemon.kill()
        daemon = self.serve()
        for token in pads:
            self.assertEqual(self.values(plots[token]), list(range(self.standing(token))))

    def resume_at(self, token, heard):
        return random.choice([self.standing(token), max(heard), random.choice(sorted(heard))])

    def test_who_is_streaming_is_told_that_the_server_stops(self):
        daemon = self.serve()
        client = NumberedClient(self.port, "slim", 0, 0, b"", None)
        wait_until(lambda: client.acknowledged[-1] > 0, "something is acknowledged")
        self.assertEqual(daemon.stop(), 0)
        client.join(PATIENCE)
        self.assertEqual(client.close, "restart")
        self.serve()
        self.assertEqual(self.standing("slim"), client.acknowledged[-1])


if __name__ == "__main__":
    unittest.main()
