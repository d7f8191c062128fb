"""A first start with a spool: each stream asks the endpoint where to go on, which the logs of both do not tell as
trouble."""

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
        self.assertIn("asked the endpoint where to go on: at line 0", bridge)
        for log in (bridge, endpoint):
            alarming = [line for line in log.splitlines()
                        if " warning " in line or " error " in line or "refused" in line or "out_of_step" in line]
            self.assertEqual(alarming, [])


if __name__ == "__main__":
    unittest.main()
