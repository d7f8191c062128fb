"""Publishes growing ids at QoS 1 and knows which of them the broker has acknowledged: those are issued."""

import collections
import select
import socket
import struct
import threading
import time

from soak.mqtt_ear import next_packet

WINDOW = 400  # messages on their way
CONNECT = b"\x10\x14\x00\x04MQTT\x04\x02\x00\x3c\x00\x08soak-pub"


class Publisher(threading.Thread):
    """Of stream s comes id 0, 1, 2 ...; `may(s)` says whether there is room for one more. When a connection broke,
    what was not acknowledged is published again, so that the broker may have it twice."""

    def __init__(self, port, streams, rate, may):
        super().__init__(daemon=True)
        self.next_ids = [0] * streams  # published at least once below it
        self.issued = [0] * streams
        self.again = 0
        self.held_seconds = 0.0
        self._address, self._rate, self._may = ("127.0.0.1", port), rate, may
        self._on_way = collections.OrderedDict()  # packet identifier: (stream, id, packet)
        self._packet_id, self._turn = 0, 0
        self._socket, self._received, self._unsent = None, bytearray(), bytearray()
        self._over, self._holds_breath = threading.Event(), threading.Event()

    def finish(self):
        """No more ids; returns when all are acknowledged."""
        self._over.set()
        self.join()

    def hold_breath(self, on):
        """Publishes nothing more for a while; `quiet` says when all is acknowledged."""
        (self._holds_breath.set if on else self._holds_breath.clear)()

    def quiet(self):
        return not self._on_way

    def run(self):
        last = time.monotonic()
        allowance = 0.0
        while not self._over.is_set() or self._on_way:
            now = time.monotonic()
            allowance = min(allowance + (now - last) * self._rate, self._rate / 4)
            last = now
            try:
                if self._socket is None:
                    self._connect()
                if not self._over.is_set() and not self._holds_breath.is_set():
                    allowance -= self._publish(int(allowance))
                self._exchange()
            except OSError:
                self._socket.close() if self._socket else None
                self._socket = None
                self._over.wait(0.05) if not self._over.is_set() else time.sleep(0.05)
        if self._socket:
            self._socket.close()

    def _connect(self):
        sock = socket.create_connection(self._address, timeout=2)
        try:
            sock.sendall(CONNECT)
            answer = b""
            while len(answer) < 4:
                more = sock.recv(4 - len(answer))
                if not more:
                    raise ConnectionError("no CONNACK")
                answer += more
            if answer[0] != 0x20 or answer[3] != 0:
                raise ConnectionError("CONNACK says no")
        except OSError:
            sock.close()
            raise
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket, self._received = sock, bytearray()
        self._unsent = bytearray()
        for _, _, packet in self._on_way.values():
            self._unsent += bytes([packet[0] | 8]) + packet[1:]
            self.again += 1

    def _publish(self, most):
        streams = len(self.next_ids)
        done = refused = 0
        while done < most and len(self._on_way) < WINDOW and refused < streams:
            stream = self._turn
            self._turn = (stream + 1) % streams
            if not self._may(stream):
                refused += 1
                continue
            refused = 0
            self._packet_id = self._packet_id % 65535 + 1
            number = self.next_ids[stream]
            self.next_ids[stream] = number + 1
            topic = b"soak/%d" % stream
            payload = b'{"id":%d}' % number if stream % 2 else b"%d" % number
            rest = struct.pack(">H", len(topic)) + topic + struct.pack(">H", self._packet_id) + payload
            packet = bytes([0x32, len(rest)]) + rest
            self._on_way[self._packet_id] = (stream, number, packet)
            self._unsent += packet
            done += 1
        if refused == streams:
            self.held_seconds += 0.005
        return done

    def _exchange(self):
        if self._unsent:
            try:
                del self._unsent[:self._socket.send(self._unsent)]
            except BlockingIOError:
                pass
        if not select.select([self._socket], [], [], 0.005)[0]:
            return
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the broker closed")
        self._received += data
        at = 0
        while (packet := next_packet(self._received, at)) is not None:
            first, body, at = packet
            if first >> 4 == 4:
                known = self._on_way.pop(self._received[body] << 8 | self._received[body + 1], None)
                if known:
                    self.issued[known[0]] += 1
        del self._received[:at]
