"""250 messages a second into a stream of 20 lines a second: no faster than that, and the newest value arrives."""

import json
import time
import unittest

from support.bridge_test import BridgeTest

CONFIG = """
streams: [{name: boiler, token: tokenboilr, max_rate: 20/s, when_faster: latest}]
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""


class MaxRate(BridgeTest):
    def test_keeps_the_latest(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        self.start_bridge(CONFIG, broker, endpoint)
        began = time.monotonic()
        broker.publish_paced("plant/boiler", range(750), per_second=250, qos=1)
        endpoint.wait(lambda: endpoint.lines("tokenboilr")[-1:] and '"y":749}' in endpoint.lines("tokenboilr")[-1],
                      "the newest value")
        took = time.monotonic() - began
        values = [json.loads(line)["y"] for line in endpoint.lines("tokenboilr")]
        self.assertEqual(values, sorted(set(values)))
        self.assertLessEqual(len(values), 20 * took + 2)
        self.assertGreater(len(values), 10, "it holds back, it does not starve")


if __name__ == "__main__":
    unittest.main()
