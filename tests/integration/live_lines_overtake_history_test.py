"""With `backlog: live_first` the present overtakes what waited; the bridge and the endpoint are killed while the history
trickles behind, and each line arrives once, but for what the broker gives again."""

import random
import unittest
from collections import Counter

from support.spooled_bridge import STREAMS, SpooledBridge
from support.waiting import wait_until

HISTORY = 900
LIVE = 200
KILLS = 3
# What is on disk and not acknowledged yet when the bridge is killed; mosquitto has 20 on their way at most.
GIVEN_AGAIN = 20 * KILLS
KEYS = ", max_rate: 100/s, when_faster: queue, backlog: live_first, queue: {capacity: 100}"


class LiveFirst(SpooledBridge):
    def test_each_line_arrives_once_whoever_is_killed(self):
        self.start_bridging(stream_keys=KEYS)
        self.publish(HISTORY)
        self.start_serving()
        wait_until(lambda: all(self.values(stream) for stream in STREAMS), "the history begins")
        live = self.publishing(LIVE, 20)
        for _ in range(KILLS):
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
            wait_until(lambda: len(set(self.values(stream))) >= HISTORY + LIVE, f"all of {stream} arrive", 60)
            got = self.values(stream)
            again = sorted(value for value, times in Counter(got).items() if times > 1)
            self.assertEqual(set(got), set(range(HISTORY + LIVE)), stream)
            self.assertEqual([value for value in again if value < HISTORY], [], f"{stream}: acknowledged before a kill")
            self.assertLessEqual(len(got), HISTORY + LIVE + GIVEN_AGAIN, f"{stream}: {again}")
            self.assertNotEqual(got, sorted(got), f"{stream}: nothing overtook")


if __name__ == "__main__":
    unittest.main()
