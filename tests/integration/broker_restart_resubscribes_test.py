"""A broker that comes back without sessions: the bridge connects, subscribes again, and no stream is re-opened."""

import unittest

from support.bridge_test import BridgeTest
from support.waiting import wait_until

CONFIG = """
streams: [{name: boiler, token: tokenboilr}]
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""


class ABrokerRestart(BridgeTest):
    def test_is_followed_by_a_new_subscription(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        for keys in ("", ", client_id: gateway-7", ", mqtt_version: 3.1.1"):
            with self.subTest(broker=keys):
                streams, lines = len(endpoint.of("tokenboilr")), len(endpoint.lines("tokenboilr"))
                daemon = self.start_bridge(CONFIG, broker, endpoint, broker_keys=keys)
                broker.publish("plant/boiler", "1")
                endpoint.wait_for_lines("tokenboilr", lines + 1)
                broker.stop()
                wait_until(lambda: not daemon.ready(), "/readyz notices that the broker is away")
                self.assertEqual(daemon.metric("plotbridge_mqtt_connection_up"), 0)
                broker.start()
                daemon.wait_until_ready()
                broker.publish("plant/boiler", "2")
                self.assertIn('"y":2}', endpoint.wait_for_lines("tokenboilr", lines + 2)[-1])
                self.assertGreaterEqual(daemon.metric("plotbridge_mqtt_reconnects_total"), 1)
                self.assertEqual(len(endpoint.of("tokenboilr")), streams + 1)
                self.assertEqual(daemon.stop(), 0)


if __name__ == "__main__":
    unittest.main()
