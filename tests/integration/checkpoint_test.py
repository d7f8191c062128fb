"""Chart Studio acknowledges nothing but the end of a POST: with `checkpoint` no line is given up before."""

import json
import unittest

from support.bridge_test import BridgeTest

CONFIG = """
streams:
  - {name: boiler, token: abcdefghij, when_faster: queue}
routes:
  - {topic: plant, qos: 1, decode: {type: number}, stream: boiler}
"""


class ACheckpoint(BridgeTest):
    def bridge(self, endpoint, checkpoint="1s"):
        self.broker = self.start_broker()
        self.daemon = self.start_bridge(CONFIG, self.broker, endpoint, endpoint_type="chart_studio",
                                        endpoint_keys=f", checkpoint: {checkpoint}")

    def values(self, endpoint):
        return [json.loads(line)["y"] for line in endpoint.lines("abcdefghij")]

    def test_ends_the_post_and_goes_on_with_the_next_line(self):
        endpoint = self.start_endpoint()
        self.bridge(endpoint)
        self.broker.publish("plant", *range(60))  # three seconds at 20 lines a second
        endpoint.wait(lambda: len(self.values(endpoint)) >= 60, "all values")
        self.assertEqual(self.values(endpoint), list(range(60)))
        self.assertGreaterEqual(len(endpoint.of("abcdefghij")), 3)
        self.assertTrue(all(one.complete for one in endpoint.of("abcdefghij")[:-1]), "each with its last chunk")
        self.assertEqual(self.daemon.metric("plotbridge_stream_closes_total", reason="network"), 0)

    def test_sends_again_what_no_answer_has_covered(self):
        """The endpoint's TCP takes everything, and then it is gone: what it took since the last answer comes again."""
        endpoint = self.start_endpoint()
        self.bridge(endpoint, "1h")
        self.broker.publish("plant", *range(20))
        endpoint.wait_for_lines("abcdefghij", 20)
        endpoint.of("abcdefghij")[0].close()
        endpoint.wait(lambda: self.values(endpoint)[20:] == list(range(20)), "the same again")
        self.assertEqual(self.daemon.stop(), 0)
        self.assertTrue(endpoint.of("abcdefghij")[-1].complete)


if __name__ == "__main__":
    unittest.main()
