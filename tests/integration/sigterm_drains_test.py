"""SIGTERM: what has come is delivered, every POST ends with its last chunk, and the exit code is 0."""

import json
import unittest

from support.bridge_test import BridgeTest
from support.waiting import wait_until

CONFIG = """
streams:
  - {name: boiler, token: tokenboilr, max_rate: 50/s, when_faster: queue}
  - {name: quiet, token: tokenquiet}
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""


class Sigterm(BridgeTest):
    def test_drains_what_has_come(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(CONFIG, broker, endpoint)
        endpoint.wait_for_stream("tokenquiet")
        broker.publish("plant/boiler", *range(120))
        wait_until(lambda: daemon.metric("plotbridge_mqtt_received_messages_total") == 120, "the bridge has them")
        self.assertLess(len(endpoint.lines("tokenboilr")), 120, "there must be something left to drain")
        self.assertEqual(daemon.stop(), 0)
        self.assertEqual([json.loads(line)["y"] for line in endpoint.lines("tokenboilr")], list(range(120)))
        for token in ("tokenboilr", "tokenquiet"):
            (connection,) = endpoint.of(token)
            self.assertTrue(connection.complete)
            self.assertTrue(connection.body.endswith(b"0\r\n\r\n"))
            self.assertTrue(connection.text == b"" or connection.text.endswith(b"\n"))

    def test_ends_within_seconds_when_the_endpoint_takes_nothing(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(CONFIG, broker, endpoint)
        endpoint.stop()
        broker.publish("plant/boiler", *range(10))
        self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
