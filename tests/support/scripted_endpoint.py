"""An endpoint with a memory: takes streams on a socket, remembers every byte, and ends them as a test says."""

import socket
import threading

from support.scripted_connection import Connection
from support.waiting import PATIENCE, free_port, wait_until


class ScriptedEndpoint:
    """Takes streams until it is stopped. `on_stream(connection)`, if set, is called when a request's head is there,
    `on_lines(connection, lines)` when lines have come; both on the connection's own thread. `evict(connection)` is
    called with the older connection of a token when a newer one comes. `receive_buffer` makes the TCP window small."""

    def __init__(self, on_stream=None, on_lines=None, evict=None, receive_buffer=None):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.on_stream, self.on_lines, self.evict = on_stream, on_lines, evict
        self.connections = []  # all that sent a POST, in order
        self.dials = []  # when anybody connected, in order
        self.answers_heads = True  # otherwise a HEAD gets no answer
        self.lock = threading.RLock()
        self._receive_buffer = receive_buffer
        self._of = {}  # token: connections
        self._open = set()
        self._listener = None

    def start(self):
        """Listens; after `stop` again on the same port."""
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self._receive_buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(1000)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()
        return self

    def stop(self):
        """Ends the listening and every connection, as a process that ends does."""
        if not self._listener:
            return
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self._listener = None
        with self.lock:
            connections = list(self._open)
            self._open.clear()
        for connection in connections:
            connection.close()

    def of(self, token):
        """The connections of one token, in order."""
        with self.lock:
            return list(self._of.get(token, ()))

    def lines(self, token):
        """What came over all connections of a token, in order."""
        with self.lock:
            return [line for connection in self.of(token) for line in connection.lines]

    def wait(self, condition, what, seconds=PATIENCE):
        """Waits until `condition()` is true and returns its answer."""
        try:
            return wait_until(condition, what, seconds)
        except AssertionError as failure:
            seen = "\n".join(f"{c.token} lines {len(c.lines)} complete {c.complete} ended {c.ended}"
                             for c in self.connections)
            raise AssertionError(f"{failure}\n{seen}") from None

    def wait_for_stream(self, token, number=1, seconds=PATIENCE):
        """The number-th connection of a token."""
        return self.wait(lambda: self.of(token)[number - 1:], f"connection {number} of a token", seconds)[0]

    def wait_for_lines(self, token, count, seconds=PATIENCE):
        """All lines of a token, once there are `count`."""
        self.wait(lambda: len(self.lines(token)) >= count, f"{count} lines of a token", seconds)
        return self.lines(token)

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            connection = Connection(self, sock)
            with self.lock:
                self.dials.append(connection.accepted_at)
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        connection.serve()
        with self.lock:
            self._open.discard(connection)

    def took(self, connection):
        """From a connection: its head is there."""
        with self.lock:
            older = self.of(connection.token)[-1:]
            self._of.setdefault(connection.token, []).append(connection)
            self.connections.append(connection)
        if self.evict:
            for one in older:
                self.evict(one)
        if self.on_stream:
            self.on_stream(connection)

    def took_lines(self, connection, lines):
        """From a connection: `lines` have come."""
        if self.on_lines:
            self.on_lines(connection, lines)
