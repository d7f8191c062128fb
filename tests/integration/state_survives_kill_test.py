"""`serve --state`: who was answered finds his plots and data after kill -9; one process at a time has the file."""

import contextlib
import resource
import socket
import unittest

from support.kept_endpoint import KeptEndpointTest
from support.waiting import PATIENCE, free_port, wait_until


class StateSurvivesKill(KeptEndpointTest):
    def stream(self, token, values):
        lines = b"".join(b'{"y":%d}\n' % value for value in values)
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as stream:
            stream.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nplotly-streamtoken: %s\r\nContent-Length: %d\r\n\r\n%s"
                           % (token, len(lines), lines))
            return stream.recv(65536)

    def test_who_was_answered_finds_everything(self):
        sent = []
        plot = None
        for run in range(5):
            daemon = self.serve()
            if plot is None:
                plot = self.make_plot("vec", "abcdefghij")
            self.assertEqual(self.values(plot), sent)
            for _ in range(10):
                more = range(len(sent), len(sent) + 7)
                self.assertIn(b" 200 OK", self.stream(b"abcdefghij", more))
                sent.extend(more)
            other = self.make_plot(f"plot {run}", f"token{run}")
            daemon.kill()
            daemon = self.serve()
            self.assertEqual(self.values(plot), sent)
            self.assertEqual(self.values(other), [])
            self.assertEqual(daemon.stop(), 0)

    def test_lines_of_a_stream_that_goes_on_are_there_soon(self):
        daemon = self.serve()
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as stream:
            stream.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nplotly-streamtoken: abcdefghij\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n8\r\n{\"y\":1}\n\r\n")
            wait_until(lambda: b'"y":[1]' in self.written(), "the line is on disk")
            daemon.kill()
        self.serve()
        self.assertEqual(self.values(1), [1])

    def written(self):
        return b"".join(path.read_bytes() for path in self.state.parent.iterdir())

    @contextlib.contextmanager
    def full_disk(self):
        """For what starts meanwhile no file may grow."""
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    def test_full_disk_at_the_start_costs_no_stream_and_nothing_that_was_kept(self):
        daemon = self.serve()
        plot = self.make_plot("vec", "abcdefghij")
        self.stream(b"abcdefghij", [1, 2])
        daemon.kill()
        with self.full_disk():
            daemon = self.serve()
        self.assertEqual(self.values(plot), [1, 2])
        self.assertIn(b" 200 OK", self.stream(b"abcdefghij", [3]))
        self.assertEqual(self.values(plot), [1, 2, 3])
        daemon.wait_for_log("plots are not being kept")
        self.assertEqual(daemon.stop(), 0)
        self.serve()
        self.assertEqual(self.values(plot), [1, 2])

    def test_full_disk_at_the_first_start_costs_no_stream(self):
        admin_port = free_port()
        config = self.state.parent / "plotbridge.yaml"
        config.touch(mode=0o600)
        config.write_text(f'version: 1\nbroker: {{url: "{self.start_broker().url}"}}\nserver: {{listen: "127.0.0.1:{self.port}", state: {self.state}}}\n'
                          f'admin: {{listen: "127.0.0.1:{admin_port}"}}\n')
        with self.full_disk():
            daemon = self.start_daemon(arguments=("-c", str(config)), admin_port=admin_port)
            daemon.wait_for_log("admin listening")
        self.assertIn("starting without the plots that were kept", daemon.log())
        self.assertIn(b" 200 OK", self.stream(b"abcdefghij", [3]))
        self.assertEqual(self.values(1), [3])
        self.assertEqual(daemon.metric("plotbridge_endpoint_state_degraded"), 1)

    def test_belongs_to_one_process_at_a_time(self):
        self.serve()
        second = self.start_daemon(command=("serve",), arguments=("--listen", "127.0.0.1:0", "--state", self.state))
        self.assertEqual(second.wait(), 75)
        self.assertIn("in use", second.log())


if __name__ == "__main__":
    unittest.main()
