"""A spool's disk that stalls delays what needs it, and nothing else: heartbeats, lines in memory, the admin pages and
SIGTERM go on. With durability `power` a message costs one fsync, and an acknowledgement of the endpoint says what it had."""

import os
import socket
import tempfile
import unittest
from pathlib import Path

from support.bridge_test import BridgeTest
from support.waiting import PATIENCE, free_port, wait_until

PRELOADED = os.environ.get("PLOTBRIDGE_STALLED_DISK", "build/dev/tests/libstalled_disk.so")

CONFIG = """
log: {level: debug}
spool: {directory: DIRECTORY/spool, durability: power}
streams:
  - {name: boiler, token: tokenboilr, when_faster: queue}
  - {name: kiln, token: tokenkilnn, when_faster: queue}
  - {name: quiet, token: tokenquiet, when_faster: queue}
routes:
  - {topic: plant/t, decode: {type: csv, columns: [v]}, stream: [boiler, kiln]}
  - {topic: plant/q, qos: 0, decode: {type: number}, stream: quiet}
"""


class StalledDisk(BridgeTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.stall, self.syncs = self.folder / "stall", self.folder / "syncs"
        self.environment = {
            "LD_PRELOAD": str(Path(PRELOADED).resolve()), "PLOTBRIDGE_STALL": str(self.stall),
            "PLOTBRIDGE_SYNCS": str(self.syncs),
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0",
        }

    def count_syncs(self):
        return self.syncs.stat().st_size if self.syncs.exists() else 0

    def start(self, endpoint, keys=""):
        self.broker = self.start_broker()
        config = CONFIG.replace("DIRECTORY", str(self.folder))
        return self.start_bridge(config, self.broker, endpoint, endpoint_keys=keys, environment=self.environment)

    def test_message_of_many_lines_for_two_streams_costs_one_fsync(self):
        endpoint = self.start_endpoint()
        self.start(endpoint)
        self.broker.publish("plant/t", "1\n")
        wait_until(lambda: len(endpoint.lines("tokenkilnn")) == 1, "the first line is there")
        before = self.count_syncs()
        self.broker.publish("plant/t", "1\n" * 300)
        wait_until(lambda: len(endpoint.lines("tokenkilnn")) == 301, "all lines are there")
        self.assertLessEqual(self.count_syncs() - before, 3)

    def test_heartbeats_lines_admin_and_sigterm_go_on(self):
        endpoint = self.start_endpoint()
        daemon = self.start(endpoint, ", heartbeat: 1s")
        for token in ("tokenboilr", "tokenkilnn", "tokenquiet"):
            endpoint.wait_for_stream(token)
        self.stall.touch()
        self.broker.publish("plant/t", "1\n")
        heartbeats = daemon.metric("plotbridge_stream_heartbeats_total", stream="kiln")
        wait_until(lambda: daemon.metric("plotbridge_stream_heartbeats_total", stream="kiln") > heartbeats + 2,
                   "heartbeats go on")
        self.assertEqual(daemon.get("/healthz")[0], 200)
        self.assertEqual(daemon.get("/status")[0], 200)
        daemon.terminate()
        self.assertIn(daemon.wait(), (0, 69))

    def test_sigterm_without_a_message_ends_in_good_order(self):
        endpoint = self.start_endpoint()
        daemon = self.start(endpoint)
        endpoint.wait_for_stream("tokenquiet")
        self.stall.touch()
        self.assertEqual(daemon.stop(), 0)

    def acknowledgement(self, durability):
        port = free_port()
        config = (f'version: 1\nserver: {{listen: "127.0.0.1:{port}", state: {self.folder}/plots.db{durability}}}\n')
        daemon = self.start_daemon(config, command=("serve",), environment=self.environment)
        daemon.wait_for_log("endpoint listening")
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nplotly-streamtoken: tokenquiet\r\n"
                           b"Stream-Producer: p\r\nStream-Epoch: 1\r\nStream-Seq: 0\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n")
            answer, synced = b"", []
            for i in range(3):
                before = self.count_syncs()
                line = b'{"y":%d}\n' % i
                client.sendall(b"%x\r\n%s\r\n" % (len(line), line))
                while b'{"have": [[0,%d]]}' % (i + 1) not in answer:
                    answer += client.recv(4096)
                synced.append(self.count_syncs() - before)
        daemon.stop()
        return answer, synced

    def test_acknowledgement_says_disk_when_it_was_synced(self):
        answer, synced = self.acknowledgement(", durability: power")
        self.assertIn(b"Stream-Durability: disk\r\n", answer)
        self.assertTrue(all(synced), synced)

    def test_acknowledgement_says_process_when_it_was_not(self):
        answer, synced = self.acknowledgement("")
        self.assertIn(b"Stream-Durability: process\r\n", answer)
        self.assertEqual(sum(synced[1:]), 0)


if __name__ == "__main__":
    unittest.main()
