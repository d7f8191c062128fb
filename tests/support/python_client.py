"""A client with the manners of Plotly's own Python one: two Host headers, half a second after connecting before it
writes, a look at the socket before each line, a new connection when the old one has anything to say, a stray empty line
before the last chunk. The line that it writes into a connection that just ended is lost, as it is there."""

import json
import select
import socket
import threading
import time


class PythonClient:
    """Streams `count` lines {"x": i, "y": NAME} and then closes; `done` is set when it is through."""

    def __init__(self, port, token, name, count, pause=0.25):
        self._address = ("127.0.0.1", port)
        self._head = ("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"
                      f"Host: 127.0.0.1\r\nplotly-streamtoken: {token}\r\n\r\n").encode()
        self._name, self._count, self._pause = name, count, pause
        self._socket = None
        self.connections = 0
        self.answer = b""
        self._thread = threading.Thread(target=self._stream, daemon=True)
        self._thread.start()

    def wait(self, patience):
        self._thread.join(patience)
        assert not self._thread.is_alive(), f"client {self._name} does not end"

    def _connect(self):
        if self._socket:
            self._socket.close()
        self._socket = socket.create_connection(self._address, timeout=30)
        self._socket.sendall(self._head)
        self.connections += 1
        time.sleep(0.5)  # its manner, not a wait of the test

    def _ended(self):
        return bool(select.select([self._socket], [], [], 0)[0])

    def _send(self, text):
        data = text.encode()
        self._socket.sendall(b"%x\r\n%s\r\n" % (len(data), data))

    def _stream(self):
        self._connect()
        for i in range(self._count):
            if self._ended():
                self._connect()
            try:
                self._send(json.dumps({"x": i, "y": self._name}) + "\n")
            except OSError:
                self._connect()
            time.sleep(self._pause)
        try:
            self._socket.sendall(b"\r\n0\r\n\r\n")
            while more := self._socket.recv(4096):
                self.answer += more
        except OSError:
            pass
        self._socket.close()
