"""Two routes whose filters overlap: a broker may send a message once for each, yet no line doubles."""

import json
import unittest

from support.bridge_test import BridgeTest

CONFIG = """
streams:
  - {name: exact, token: tokenexact}
  - {name: wide, token: tokenwidee}
routes:
  - {topic: plant/+/temperature, decode: {type: number}, stream: exact}
  - {topic: plant/#, decode: {type: number}, stream: wide}
"""


class OverlappingFilters(BridgeTest):
    def test_give_each_stream_every_message_once(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        for version in ("5", "3.1.1"):
            with self.subTest(mqtt_version=version):
                exact, wide = len(endpoint.lines("tokenexact")), len(endpoint.lines("tokenwidee"))
                daemon = self.start_bridge(CONFIG, broker, endpoint, broker_keys=f", mqtt_version: {version}")
                broker.publish("plant/boiler/temperature", *range(50))
                broker.publish("plant/boiler/pressure", "5")
                endpoint.wait_for_lines("tokenexact", exact + 50)
                endpoint.wait_for_lines("tokenwidee", wide + 51)
                self.assertEqual(daemon.stop(), 0)
                values = [json.loads(line)["y"] for line in endpoint.of("tokenexact")[-1].lines]
                self.assertEqual(values, list(range(50)))
                values = [json.loads(line)["y"] for line in endpoint.of("tokenwidee")[-1].lines]
                self.assertEqual(values, [*range(50), 5])


if __name__ == "__main__":
    unittest.main()
