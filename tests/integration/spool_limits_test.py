"""A spool keeps its limits and says what it costs: in bytes, when its disk fails, and when nothing may be dropped."""

import resource
import unittest

from support.spooled_bridge import STREAMS, SpooledBridge
from support.waiting import free_port, wait_until


class SpoolLimits(SpooledBridge):
    def bytes_on_disk(self):
        return sum(path.stat().st_size for path in self.spool.glob("*.spool"))

    def discarded(self, reason):
        return self.bridge.metric("plotbridge_discarded_lines_total", reason=reason)

    def test_of_one_mebibyte_under_sixty_thousand_lines(self):
        """The endpoint is away: the newest lines stay, and every dropped one is counted."""
        self.start_bridging(spool_keys=", capacity: 1MiB", stream_keys=", queue: {capacity: 1000}")
        biggest = 0
        for _ in range(12):
            self.publish(1666)
            biggest = max(biggest, self.bytes_on_disk())
        total = sum(self.published.values())
        wait_until(lambda: self.bridge.metric("plotbridge_mqtt_received_messages_total") >= total, "all have come", 60)
        self.assertLessEqual(max(biggest, self.bytes_on_disk()), 1.3 * 2**20)
        self.assertLessEqual(self.bridge.metric("plotbridge_spool_bytes"), 2**20)
        waiting = sum(stream["queued"] + stream["spooled"] for stream in self.bridge.status()["streams"])
        dropped = self.discarded("spool_full")
        self.assertGreater(dropped, 0)
        self.assertEqual(waiting + dropped, total)
        self.start_serving()
        # The windows of the endpoint are as long as what waited.
        wait_until(lambda: sum(len(self.values(name)) for name in STREAMS) >= waiting, "what waited has arrived", 60)
        for name in STREAMS:
            got = self.values(name)
            self.assertEqual(got[-1], self.published[name] - 1, "the newest is there")
            self.assertEqual(got, sorted(set(got)), "in order, none twice")
        self.assertEqual(self.discarded("spool_full"), dropped)

    def test_of_a_disk_that_takes_no_more(self):
        """It goes on in memory, says so, and writes again once it can."""
        self.start_serving()
        bridge = self.start_bridging()
        self.publish(100)
        resource.prlimit(bridge.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        self.publish(200)
        wait_until(lambda: bridge.metric("plotbridge_spool_degraded") == 1, "the disk's failure is seen")
        bridge.wait_for_log("error .*spool")
        self.publish(200)
        resource.prlimit(bridge.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.publish(10)

        def writes_again():
            self.publish(1)
            return bridge.metric("plotbridge_spool_degraded") == 0

        wait_until(writes_again, "the disk is used again", 30)
        self.publish(100)
        self.assert_each_arrives_once()

    def test_that_blocks_leaves_messages_with_the_broker(self):
        self.start_bridging(spool_keys=", capacity: 256KiB, when_full: block", stream_keys=", queue: {capacity: 100}")
        self.publish(6000)
        wait_until(lambda: not self.bridge.ready(), "the broker is left", 30)
        self.assertIn("full", self.bridge.get("/readyz")[1])
        self.publish(1000)
        self.start_serving()
        self.assert_each_arrives_once(90)
        wait_until(self.bridge.ready, "the broker is visited again", 30)
        self.assertEqual(self.discarded("spool_full"), 0)

    def test_in_use_by_another_bridge(self):
        self.start_serving()
        self.start_bridging()
        config = self.bridge.config_path.read_text()
        config = config.replace(f"127.0.0.1:{self.admin_port}", f"127.0.0.1:{free_port()}").replace("client_id: bridge",
                                                                                                  "client_id: other")
        second = self.start_daemon(config)
        self.assertEqual(second.wait(), 75)
        self.assertIn("in use", second.log())
        self.publish(10)
        self.assert_each_arrives_once()


if __name__ == "__main__":
    unittest.main()
