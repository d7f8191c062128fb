"""A first start with a spool: the logs of both sides tell of no trouble, and each stream is opened once."""

import unittest

from support.spooled_bridge import SpooledBridge, STREAMS
from support.waiting import wait_until


class FirstStart(SpooledBridge):
    def test_warns_of_nothing(self):
        self.start_serving()
        self.start_bridging()
        self.publish(1)
        wait_until(lambda: all(self.bridge.stream(stream)["lines_sent"] == 1 for stream in STREAMS), "all lines are sent")
        bridge, endpoint = self.bridge.log(), self.endpoint.log()
        self.assertEqual(self.bridge.metric("plotbridge_stream_opens_total"), len(STREAMS))
        for log in (bridge, endpoint):
            alarming = [line for line in log.splitlines()
                        if " warning " in line or " error " in line or "refused" in line]
            self.assertEqual(alarming, [])


if __name__ == "__main__":
    unittest.main()
