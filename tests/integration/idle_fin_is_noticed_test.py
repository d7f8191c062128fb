"""An endpoint that closes a stream on which nothing is sent: seen at the socket, not at the next heartbeat."""

import unittest

from support.bridge_test import BridgeTest

CONFIG = """
streams: [{name: boiler, token: tokenboilr}]
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""
# The next heartbeat, at which the end would show anyway, is 20 s away.
SOON = 5


class AnIdleStream(BridgeTest):
    def test_that_gets_a_fin_is_opened_again(self):
        self.assert_opened_again(lambda connection: connection.close())

    def test_that_gets_half_a_close_is_opened_again(self):
        self.assert_opened_again(lambda connection: connection.half_close())

    def test_that_gets_a_reset_is_opened_again(self):
        self.assert_opened_again(lambda connection: connection.reset())

    def test_that_gets_an_answer_is_opened_again(self):
        self.assert_opened_again(lambda connection: connection.answer("408 Request Timeout", "timeout on active data"))

    def test_that_gets_an_answer_without_a_close_is_opened_again(self):
        self.assert_opened_again(
            lambda connection: connection.answer("408 Request Timeout", "timeout on active data", close=False))

    def assert_opened_again(self, end):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(CONFIG, broker, endpoint)
        end(endpoint.wait_for_stream("tokenboilr"))
        endpoint.wait_for_stream("tokenboilr", number=2, seconds=SOON)
        broker.publish("plant/boiler", "1")
        endpoint.wait(lambda: endpoint.of("tokenboilr")[-1].lines, "a line on the new connection")
        self.assertEqual(daemon.metric("plotbridge_stream_closes_total", stream="boiler"), 1)


if __name__ == "__main__":
    unittest.main()
