"""With `backlog: live_first` the present overtakes what waited; the bridge and the endpoint are killed while the history
trickles behind, and each line arrives once."""

import random
import unittest

from support.spooled_bridge import STREAMS, SpooledBridge
from support.waiting import wait_until

HISTORY = 900
LIVE = 200
KEYS = ", max_rate: 100/s, when_faster: queue, backlog: live_first, queue: {capacity: 100}"


class LiveFirst(SpooledBridge):
    def test_each_line_arrives_once_whoever_is_killed(self):
        self.start_bridging(stream_keys=KEYS)
        self.publish(HISTORY)
        self.start_serving()
        wait_until(lambda: all(self.values(stream) for stream in STREAMS), "the history begins")
        live = self.publishing(LIVE, 20)
        for _ in range(3):
            before = {stream: len(self.values(stream)) for stream in STREAMS}
            wait_until(lambda: all(len(self.values(stream)) > before[stream] + 20 for stream in STREAMS), "lines arrive")
            if random.random() < 0.5:
                self.kill(self.endpoint)
                self.start_serving()
            self.kill(self.bridge)
            self.start_bridging(stream_keys=KEYS)
        for thread in live:
            thread.join()
        for stream in STREAMS:
            wait_until(lambda: len(self.values(stream)) >= HISTORY + LIVE, f"all of {stream} arrive", 60)
            got = self.values(stream)
            self.assertEqual(sorted(got), list(range(HISTORY + LIVE)), stream)
            self.assertNotEqual(got, sorted(got), f"{stream}: nothing overtook")


if __name__ == "__main__":
    unittest.main()
