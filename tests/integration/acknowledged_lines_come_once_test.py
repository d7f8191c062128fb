"""`serve --state` killed again and again under load: a client that numbers its lines, sends them in any order and leaves
out any that were acknowledged, or that HEAD tells, has every value in the plot once."""

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
BLOCK = 50  # lines that stand in order


def never_comes(number):
    return number % 97 == 96


def values_of(numbers):
    return sorted(number for number in numbers if not never_comes(number))


class NumberedClient(threading.Thread):
    """Streams {"y": NUMBER} for every number that is not in `known`, until the connection ends or all below `last` are
    sent and answered."""

    def __init__(self, port, token, epoch, known, pad, last=None):
        super().__init__(daemon=True)
        self.have, self.told, self.close, self.head, self.failure = set(known), [], None, b"", None
        self._token, self._epoch, self._pad, self._last = token, epoch, pad, last
        self._next = max(known, default=-1) + 1
        again = random.sample(sorted(known), min(len(known), 20))
        self._missing = [number for number in range(self._next) if number not in known] + again
        self._expected = self._next
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
            % (self._token.encode(), self._epoch, self._expected))
        ended = False
        while True:
            numbers = self._take_numbers()
            if numbers:
                self._send(numbers)
            elif self._next == self._last and not ended:
                self._socket.sendall(b"0\r\n\r\n")
                ended = True
            if select.select([self._socket], [], [], 0 if numbers else 0.1)[0]:
                more = self._socket.recv(65536)
                if not more:
                    return
                self._received += more
                self._read()

    def _take_numbers(self):
        """What goes next: blocks of numbers, mixed."""
        room = WINDOW - (self._next - len(self.have))
        if self._last is not None:
            room = min(room, self._last - self._next)
        first, self._next = self._next, self._next + max(room, 0)
        numbers = [*self._missing, *range(first, self._next)]
        self._missing = []
        blocks = []
        while numbers:
            size = random.randint(1, BLOCK)
            blocks.append(numbers[:size])
            numbers = numbers[size:]
        random.shuffle(blocks)
        return [number for block in blocks for number in block]

    def _send(self, numbers):
        body = b""
        for number in numbers:
            if number != self._expected:
                body += b'{"stream":{"seq":%d}}\n' % number
            if never_comes(number):
                body += b'{"stream":{"seq":%d,"void":true}}\n' % (number + 1)
            else:
                body += b'{"y":%d,"text":"%s"}\n' % (number, self._pad)
            self._expected = number + 1
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
                for begin, end in said["have"]:
                    self.have.update(range(begin, end))
                self.told.append(said)
                self.close = said.get("close")


class AcknowledgedLinesComeOnce(KeptEndpointTest):
    def standing(self, token):
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as asking:
            asking.sendall(b"HEAD / HTTP/1.1\r\nHost: h\r\nplotly-streamtoken: %s\r\nStream-Producer: 2f1c\r\n\r\n"
                           % token.encode())
            answer = b""
            while more := asking.recv(65536):
                answer += more
        have = re.search(rb"\r\nStream-Have: ([0-9,-]*)\r\n", answer).group(1).decode()
        ranges = [part.split("-") for part in have.split(",") if part]
        return {number for begin, end in ranges for number in range(int(begin), int(end))}

    def assert_has(self, plot, numbers):
        """Each once, in whatever order they came."""
        self.assertEqual(sorted(self.values(plot)), values_of(numbers))

    def test_every_value_comes_once(self):
        daemon = self.serve()
        # The second brings more within a transaction than is written line by line.
        pads = {"slim": b"", "wide": b"w" * 600}
        plots = {token: self.make_plot(token, token) for token in pads}
        heard = {token: [set()] for token in pads}
        for epoch in range(KILLS):
            clients = {token: NumberedClient(self.port, token, epoch, self.to_leave_out(token, heard[token]), pad)
                       for token, pad in pads.items()}
            for token, client in clients.items():
                goal = max(map(len, heard[token])) + GAIN
                wait_until(lambda: len(client.have) >= goal or not client.is_alive(), f"{token} has {goal}")
                self.assertTrue(client.is_alive(), client.head)
                self.assertIn(b"Stream-Ack: 2", client.head)
                self.assertIn(b"Stream-Durability: process", client.head)
            daemon.kill()
            daemon = self.serve()
            for token, client in clients.items():
                client.join(PATIENCE)
                heard[token].append(set(client.have))
                kept = self.standing(token)
                self.assertLessEqual(client.have, kept)
                self.assert_has(plots[token], kept)
        for token, pad in pads.items():
            last = max(map(max, heard[token][1:])) + 2 * WINDOW
            client = NumberedClient(self.port, token, KILLS, self.to_leave_out(token, heard[token]), pad, last)
            client.join(PATIENCE)
            self.assertEqual((client.close, client.have), ("done", set(range(last))), client.head)
            self.assert_has(plots[token], range(last))
        daemon.kill()
        daemon = self.serve()
        for token in pads:
            self.assertEqual(self.standing(token), set(range(len(self.standing(token)))))
            self.assert_has(plots[token], self.standing(token))

    def to_leave_out(self, token, heard):
        return random.choice([self.standing(token), heard[-1], random.choice(heard)])

    def test_who_is_streaming_is_told_that_the_server_stops(self):
        daemon = self.serve()
        client = NumberedClient(self.port, "slim", 0, set(), b"", None)
        wait_until(lambda: client.have, "something is acknowledged")
        self.assertEqual(daemon.stop(), 0)
        client.join(PATIENCE)
        self.assertEqual(client.close, "restart")
        self.assertEqual(client.told[0], {"have": []})
        self.serve()
        self.assertEqual(self.standing("slim"), client.have)


if __name__ == "__main__":
    unittest.main()
