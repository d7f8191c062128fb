"""Another client of a token, as naive as they come: whenever its stream ends it opens it again at once."""

import socket
import threading


class NaiveRival:
    """Streams until `leave`."""

    def __init__(self, endpoint, token):
        self._address = ("127.0.0.1", endpoint.port)
        self._head = (f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nplotly-streamtoken: {token}\r\nUser-Agent: rival\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n").encode()
        self._socket = None
        self._leaving = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._stream, daemon=True)
        self._thread.start()

    def leave(self):
        with self._lock:
            self._leaving = True
            if self._socket:
                try:
                    self._socket.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it is just being taken over
        self._thread.join()

    def _stream(self):
        while True:
            with self._lock:
                if self._leaving:
                    return
                self._socket = socket.create_connection(self._address)
            try:
                self._socket.sendall(self._head)
                self._socket.recv(4096)  # returns when it is over, however that was
            except OSError:
                pass
            with self._lock:
                self._socket.close()
                self._socket = None
