"""One connection of the scripted endpoint: reads what comes, remembers it, and ends as a test says."""

import ctypes
import re
import socket
import struct
import threading
import time

SO_ATTACH_FILTER = 26
DROP_ALL = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # the one instruction "return 0"


class Connection:
    """What it has received grows while it lives; the test may end it at any time. Whatever its TCP has acknowledged it
    also reads, however it ends, so that a line that is not here was never acknowledged."""

    def __init__(self, endpoint, sock):
        self._endpoint, self._socket = endpoint, sock
        self.accepted_at = time.monotonic()
        self.head = ""  # request line and headers
        self.token = None
        self.body = bytearray()  # as on the wire
        self.text = bytearray()  # chunks put together
        self.lines = []  # the whole lines so far, without heartbeats and newlines
        self.heartbeats = 0
        self.chunks = []  # each with the time it came: (time.monotonic(), bytes)
        self.complete = False  # the last chunk has come
        self.final_answer = "200 OK"  # to the last chunk
        self.ended = None  # how the other side ended it: "fin" or "rst"
        self._decoded = self._split = 0
        self._ended_here = False
        self._reading = threading.Event()
        self._reading.set()

    def answer(self, status, text="", close=True, headers=""):
        """A final response, then FIN; goes on reading. `headers` are whole lines."""
        body = text.encode()
        self._send(
            f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n{headers}"
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
        """FIN, and no more reading: TCP refuses what comes later."""
        self._stop_reading(socket.SHUT_RDWR)

    def reset(self):
        """RST."""
        self.vanish()  # so that nothing is acknowledged between the last look and the end
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._stop_reading(socket.SHUT_RD)

    def vanish(self):
        """As if a cable were pulled: the kernel drops what comes before TCP sees it, and nothing goes out."""
        program = struct.pack("HL", 1, ctypes.addressof(DROP_ALL))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)

    def stop_reading(self):
        """Until `go_on_reading` what comes fills the window."""
        self._reading.clear()

    def go_on_reading(self):
        self._reading.set()

    def _stop_reading(self, how):
        """Wakes the reading thread, which then closes the socket."""
        self._ended_here = True
        self._reading.set()
        try:
            self._socket.shutdown(how)
        except OSError:
            pass

    def _send(self, data):
        try:
            self._socket.sendall(data)
        except OSError:
            pass

    def serve(self):
        """Reads until the other side, or the test, ends it."""
        try:
            buffer = b""
            while b"\r\n\r\n" not in buffer:
                data = self._socket.recv(65536)
                if not data:
                    return
                buffer += data
            head, data = buffer.split(b"\r\n\r\n", 1)
            self.head = head.decode("latin-1")
            if self.head.startswith("HEAD ") and not self._endpoint.answers_heads:
                self._socket.recv(1)  # until the other side goes
                return
            if not self.head.startswith("POST / "):
                self.answer("404 Not Found")
                return
            found = re.search(r"^plotly-streamtoken: *(\S+)", self.head, re.MULTILINE | re.IGNORECASE)
            self.token = found.group(1) if found else None
            self._endpoint.took(self)
            while True:
                known = len(self.lines)
                with self._endpoint.lock:
                    self.body += data
                    self._decode_chunks()
                if len(self.lines) > known:
                    self._endpoint.took_lines(self, self.lines[known:])
                if self.complete:
                    self.answer(self.final_answer)
                    return
                self._reading.wait()
                data = self._socket.recv(65536)
                if not data:
                    self._note_end("fin")
                    return
        except OSError:
            self._note_end("rst")
        finally:
            self._socket.close()

    def _note_end(self, how):
        if not self._ended_here:
            self.ended = how

    def _decode_chunks(self):
        while not self.complete:
            size_end = self.body.find(b"\r\n", self._decoded)
            if size_end < 0:
                break
            size = int(self.body[self._decoded:size_end], 16)
            start, end = size_end + 2, size_end + 2 + size
            if len(self.body) < end + 2:
                break
            if self.body[end:end + 2] != b"\r\n":
                raise OSError("a chunk does not end where its size says")
            self.text += self.body[start:end]
            self._decoded = end + 2
            self.complete = size == 0
            if size > 0:
                self.chunks.append((time.monotonic(), bytes(self.body[start:end])))
        while (end := self.text.find(b"\n", self._split)) >= 0:
            if end > self._split:
                self.lines.append(self.text[self._split:end].decode())
            else:
                self.heartbeats += 1
            self._split = end + 1
