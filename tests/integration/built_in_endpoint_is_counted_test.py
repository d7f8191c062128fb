"""Numbers on a topic are in the plot of the built-in endpoint, and /metrics counts what it took."""

import json
import unittest
import urllib.request

from support.bridge_test import BridgeTest
from support.daemon import get
from support.waiting import PATIENCE, wait_until

CONFIG = """
streams:
  - {name: boiler, token: abcdefghij}
routes:
  - topic: plant/boiler
    decode: {type: number}
    stream: boiler
"""


class BuiltInEndpointIsCounted(BridgeTest):
    def values(self, daemon):
        """The newest `y` of the only plot, as the page gets them."""
        plot = json.loads(get(daemon.page + "/api/plots")[1])["plots"][0]
        with urllib.request.urlopen(f"{daemon.page}/apigetfile/plant/{plot['id']}", timeout=PATIENCE) as answer:
            return json.load(answer)["payload"]["figure"]["data"][0].get("y", [])

    def test_what_came_is_drawn_and_counted(self):
        broker = self.start_broker()
        daemon = self.start_bridge(CONFIG, broker)
        broker.publish("plant/boiler", *[str(i) for i in range(50)])
        wait_until(lambda: self.values(daemon) == list(range(50)), "all are in the plot")
        self.assertEqual(daemon.metric("plotbridge_endpoint_lines_total"), 50)
        self.assertEqual(daemon.metric("plotbridge_endpoint_streams_open"), 1)
        self.assertEqual(daemon.metric("plotbridge_endpoint_streams_known"), 1)
        self.assertEqual(daemon.metric("plotbridge_endpoint_state_degraded"), 0)
        self.assertEqual(daemon.metric("plotbridge_endpoint_evictions_total"), 0)
        before = daemon.metric("plotbridge_endpoint_refused_requests_total")
        self.assertEqual(get(daemon.page + "/", {"Host": "example.com"})[0], 403)
        self.assertEqual(daemon.metric("plotbridge_endpoint_refused_requests_total"), before + 1)


if __name__ == "__main__":
    unittest.main()
