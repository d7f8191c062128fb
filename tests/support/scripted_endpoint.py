"""An endpoint with a memory: takes streams on a socket, remembers every byte, and ends them as a test says."""

import re
import socket
import struct
import threading
import time

from support.waiting import PATIENCE, free_port


class Connection:
    """One accepted connection. What it has received grows while it lives; the test may end it at any time."""

    def __init__(self, endpoint, sock):
        self._endpoint, self._socket = endpoint, sock
        self.head = ""  # request line and headers
        self.token = None
        self.body = b""  # as on the wire
        self.text = b""  # chunks put together
        self.chunks = []  # each with the time it came: (time.monotonic(), bytes)
        self.complete = False  # the last chunk has come
        self.ended = None  # how the other side ended it: "fin" or "rst"
        self._decoded = 0
        self._ended_here = False

    @property
    def lines(self):
        """The whole lines so far, without heartbeats and newlines."""
        return [line.decode() for line in self.text.split(b"\n")[:-1] if line]

    @property
    def heartbeats(self):
        return sum(1 for line in self.text.split(b"\n")[:-1] if not line)

    def answer(self, status, text="", close=True):
        """A final response, then FIN."""
        body = text.encode()
        self._send(
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
            f"Connection: {'close' if close else 'keep-alive'}\r\n\r\n".encode() + body
        )
        if close:
            self.half_close()

    def half_close(self):
        """FIN from us; goes on reading."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        """FIN, and no more reading."""
        self._stop_reading(socket.SHUT_RDWR)

    def reset(self):
        """RST."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._stop_reading(socket.SHUT_RD)

    def _stop_reading(self, how):
        """Wakes the reading thread, which then closes the socket."""
        self._ended_here = True
        try:
            self._socket.shutdown(how)
        except OSError:
            pass

    def _send(self, data):
        try:
            self._socket.sendall(data)
        except OSError:
            pass

    def _serve(self):
        try:
            buffer = b""
            while b"\r\n\r\n" not in buffer:
                data = self._socket.recv(65536)
                if not data:
                    return
                buffer += data
            head, rest = buffer.split(b"\r\n\r\n", 1)
            self.head = head.decode("latin-1")
            if not self.head.startswith("POST / "):
                self.answer("404 Not Found")
                return
            found = re.search(r"^plotly-streamtoken: *(\S+)", self.head, re.MULTILINE | re.IGNORECASE)
            self.token = found.group(1) if found else None
            self._endpoint._took(self)
            data = rest
            while True:
                with self._endpoint.changed:
                    self.body += data
                    self._decode_chunks()
                    self._endpoint.changed.notify_all()
                if self.complete:
                    self.answer("200 OK")
                    return
                data = self._socket.recv(65536)
                if not data:
                    self._note_end("fin")
                    return
        except OSError:
            self._note_end("rst")
        finally:
            self._socket.close()

    def _note_end(self, how):
        with self._endpoint.changed:
            if not self._ended_here:
                self.ended = how
            self._endpoint.changed.notify_all()

    def _decode_chunks(self):
        while not self.complete:
            size_end = self.body.find(b"\r\n", self._decoded)
            if size_end < 0:
                return
            size = int(self.body[self._decoded:size_end], 16)
            start, end = size_end + 2, size_end + 2 + size
            if len(self.body) < end + 2:
                return
            if self.body[end:end + 2] != b"\r\n":
                raise OSError("a chunk does not end where its size says")
            self.text += self.body[start:end]
            self._decoded = end + 2
            self.complete = size == 0
            if size > 0:
                self.chunks.append((time.monotonic(), self.body[start:end]))


class ScriptedEndpoint:
    """Takes streams until it is stopped. `on_stream(connection)`, if set, is called when a request's head is
    there; `evict` ends the older connection of a token when a newer one comes, as Chart Studio does."""

    def __init__(self, on_stream=None, evict=False):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.on_stream = on_stream
        self.evict = evict
        self.connections = []  # all that sent a POST, in order
        self.changed = threading.Condition()
        self._open = set()
        self._listener = None

    def start(self):
        """Listens; after `stop` again on the same port."""
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
        with self.changed:
            sockets = list(self._open)
            self._open.clear()
        for connection in sockets:
            connection.close()

    def of(self, token):
        """The connections of one token, in order."""
        with self.changed:
            return [connection for connection in self.connections if connection.token == token]

    def lines(self, token):
        """What came over all connections of a token, in order."""
        return [line for connection in self.of(token) for line in connection.lines]

    def wait(self, condition, what, seconds=PATIENCE):
        """Waits until `condition()` is true, asked whenever something came."""
        with self.changed:
            if not self.changed.wait_for(condition, seconds):
                seen = "\n".join(f"{c.token} lines {len(c.lines)} complete {c.complete} ended {c.ended}"
                                 for c in self.connections)
                raise AssertionError(f"waited {seconds:g} s in vain: {what}\n{seen}")
            return condition()

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
            with self.changed:
                self._open.add(connection)
            threading.Thread(target=connection._serve, daemon=True).start()

    def _took(self, connection):
        with self.changed:
            older = [c for c in self.connections if c.token == connection.token] if self.evict else []
            self.connections.append(connection)
            self.changed.notify_all()
        for one in older:
            one.close()
        if self.on_stream:
            self.on_stream(connection)
