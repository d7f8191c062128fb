"""A TCP proxy on loopback that breaks as wires and middle boxes do: FIN, RST, silence, delay, a foreign answer."""

import collections
import ctypes
import queue
import selectors
import socket
import struct
import threading
import time

SO_ATTACH_FILTER, SO_DETACH_FILTER = 26, 27
DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # the one instruction "return 0"
HELD_MOST = 1 << 18  # bytes in each direction
LINGER = 2.0  # a FIN is followed by the end of the socket


def vanish(sock, gone):
    """As if a cable were pulled (or put back): the kernel drops what comes before TCP sees it."""
    if gone:
        sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(DROP_ALL)))
    else:
        try:
            sock.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
        except FileNotFoundError:
            pass  # it had none


class Side:
    """One socket of a pair: what is to go out of it, each piece with the time from when on it may."""

    def __init__(self, sock):
        self.sock = sock
        self.out = collections.deque()
        self.held = 0
        self.ended = self.told_end = False  # nothing more comes; that is passed on
        self.up = True


class Pair:
    def __init__(self, client, server, ear):
        self.client, self.server, self.ear = Side(client), Side(server), ear
        self.cut_at = None  # from then on it is over
        self.deaf = False  # what comes is thrown away

    def sides(self):
        return (self.client, self.server), (self.server, self.client)


class Wire(threading.Thread):
    """Takes connections at `port` to `target`. `hear()` gives an ear for each: `from_server(bytes)` and
    `from_client(bytes)` are called before the bytes go on."""

    def __init__(self, port, target, hear=None):
        super().__init__(daemon=True)
        self.port = port
        self.dials = 0
        self._target, self._hear = ("127.0.0.1", target), hear
        self._pairs = []
        self._hole, self._delay, self._answer = False, 0.0, None
        self._orders = queue.SimpleQueue()
        self._selector = selectors.DefaultSelector()
        self._bell, self._ring = socket.socketpair()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(1000)
        self._closing = False
        for sock in (self._listener, self._bell):
            sock.setblocking(False)
            self._selector.register(sock, selectors.EVENT_READ)
        self.start()

    def finish(self):
        """FIN to both ends; what comes after it is read and lost."""
        self._order(lambda: [self._half_close(pair) for pair in self._pairs])

    def reset(self):
        """RST to both ends."""
        self._order(lambda: [self._reset(pair) for pair in list(self._pairs)])

    def black_hole(self, on):
        """Nothing gets through, and nobody is told. What was sent meanwhile is sent again by TCP, if it lives on."""
        self._order(lambda: self._set_hole(on))

    def delay(self, seconds):
        """Everything comes so much later."""
        self._order(lambda: setattr(self, "_delay", seconds))

    def answer(self, head):
        """Breaks all and gives this (bytes) to whoever dials; None: no more."""
        def begin():
            self._answer = head
            if head:
                for pair in list(self._pairs):
                    self._reset(pair)
        self._order(begin)

    def close(self):
        self._order(lambda: setattr(self, "_closing", True))
        self.join()

    def _order(self, what):
        done = threading.Event()
        self._orders.put((what, done))
        self._ring.send(b"!")
        done.wait(10)

    def run(self):
        while not self._closing:
            for key, mask in self._selector.select(self._pause()):
                if key.fileobj is self._bell:
                    self._bell.recv(4096)
                elif key.fileobj is self._listener:
                    self._accept()
                elif key.data.client.up:
                    self._serve(key, mask)
            self._obey()
            self._tick()
        for pair in list(self._pairs):
            self._drop(pair)
        self._listener.close()

    def _pause(self):
        if any(pair.cut_at for pair in self._pairs):
            return 0.05
        return 0.005 if self._delay or any(s.out for p in self._pairs for s, _ in p.sides()) else 1.0

    def _obey(self):
        while not self._orders.empty():
            what, done = self._orders.get()
            what()
            done.set()

    def _accept(self):
        try:
            client, _ = self._listener.accept()
        except OSError:
            return
        self.dials += 1
        if self._answer:
            self._refuse(client)
            return
        try:
            server = socket.create_connection(self._target, timeout=1)
        except OSError:  # as if we were not here: who dials is refused
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            return
        pair = Pair(client, server, self._hear() if self._hear else None)
        for sock in (client, server):
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(sock, selectors.EVENT_READ, pair)
        self._pairs.append(pair)
        if self._hole:  # it was through before the hole began
            vanish(client, True)
            self._watch(pair)

    def _refuse(self, client):
        client.settimeout(0.2)
        try:
            client.recv(65536)
            client.sendall(self._answer)
            client.shutdown(socket.SHUT_WR)
            client.recv(65536)
        except OSError:
            pass
        client.close()

    def _serve(self, key, mask):
        pair = key.data
        for side, other in pair.sides():
            if side.sock is not key.fileobj or self._hole:
                continue
            if mask & selectors.EVENT_READ:
                self._read(pair, side, other)
            if side.up and mask & selectors.EVENT_WRITE:
                self._write(pair, side)

    def _read(self, pair, side, other):
        try:
            data = side.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            self._reset(pair)
            return
        if not data:
            side.ended = True
        elif not pair.deaf:
            if pair.ear:
                (pair.ear.from_client if side is pair.client else pair.ear.from_server)(data)
            other.out.append((time.monotonic() + self._delay if self._delay else 0.0, data))
            other.held += len(data)
        self._write(pair, other)

    def _write(self, pair, side):
        now = time.monotonic()
        try:
            while side.out and side.out[0][0] <= now:
                due, data = side.out.popleft()
                sent = side.sock.send(data)
                side.held -= sent
                if sent < len(data):
                    side.out.appendleft((due, data[sent:]))
                    break
        except BlockingIOError:
            side.out.appendleft((due, data))
        except OSError:
            self._reset(pair)
            return
        other = pair.server if side is pair.client else pair.client
        if other.ended and not side.out and not side.told_end:
            side.told_end = True
            try:
                side.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        if pair.client.ended and pair.server.ended and not pair.client.out and not pair.server.out:
            self._drop(pair)
        else:
            self._watch(pair)

    def _watch(self, pair):
        for side, other in pair.sides():
            late = bool(side.out) and side.out[0][0] > time.monotonic()
            mask = selectors.EVENT_WRITE if side.out and not late else 0
            if not side.ended and other.held < HELD_MOST:
                mask |= selectors.EVENT_READ
            known = self._selector.get_map().get(side.sock)
            if not mask or self._hole:
                if known:
                    self._selector.unregister(side.sock)
            elif not known:
                self._selector.register(side.sock, mask, pair)
            elif known.events != mask:
                self._selector.modify(side.sock, mask, pair)

    def _tick(self):
        now = time.monotonic()
        for pair in list(self._pairs):
            if pair.cut_at and now > pair.cut_at:
                self._drop(pair)
            elif not self._hole:
                for side, _ in pair.sides():
                    if pair.client.up and side.out and side.out[0][0] <= now:
                        self._write(pair, side)

    def _half_close(self, pair):
        pair.deaf = True
        pair.cut_at = time.monotonic() + LINGER
        for side, _ in pair.sides():
            side.out.clear()
            side.held = 0
            try:
                side.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def _reset(self, pair):
        for side, _ in pair.sides():
            side.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._drop(pair)

    def _drop(self, pair):
        if not pair.client.up:
            return
        self._pairs.remove(pair)
        for side, _ in pair.sides():
            side.up = False
            if self._selector.get_map().get(side.sock):
                self._selector.unregister(side.sock)
            side.sock.close()

    def _set_hole(self, on):
        if on == self._hole:
            return
        self._hole = on
        for sock in (self._listener, *(side.sock for pair in self._pairs for side, _ in pair.sides())):
            vanish(sock, on)
        for pair in self._pairs:
            self._watch(pair)
