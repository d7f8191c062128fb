"""A stream on which nothing happens gets newlines, which are no lines, and stays open."""

import unittest

from support.bridge_test import BridgeTest
from support.waiting import wait_until

CONFIG = """
streams: [{name: boiler, token: tokenboilr}]
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""


class Heartbeats(BridgeTest):
    def test_come_while_nothing_else_does(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(CONFIG, broker, endpoint, endpoint_keys=", heartbeat: 1s")
        stream = endpoint.wait_for_stream("tokenboilr")
        endpoint.wait(lambda: stream.heartbeats >= 3, "three heartbeats")
        self.assertIn(b"1\r\n\n\r\n", stream.body)
        self.assertEqual(stream.lines, [])
        broker.publish("plant/boiler", "1")
        endpoint.wait_for_lines("tokenboilr", 1)
        self.assertEqual(len(endpoint.of("tokenboilr")), 1)
        wait_until(lambda: daemon.metric("plotbridge_stream_heartbeats_total", stream="boiler") >= 3, "they are counted")
        self.assertEqual(daemon.metric("plotbridge_stream_sent_lines_total", stream="boiler"), 1)


if __name__ == "__main__":
    unittest.main()
