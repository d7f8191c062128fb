"""250 messages a second into four streams of 20 lines a second, one for each `when_faster`, as Chart Studio wants it: one
line a chunk and never more than 20 in a second; and each stream keeps what its choice promises."""

import json
import unittest

from support.bridge_test import BridgeTest
from support.waiting import free_port

CONFIG = """
version: 1
broker: {{url: "{broker}"}}
endpoint: {{url: "{endpoint}", type: chart_studio}}
admin: {{listen: "127.0.0.1:{admin}"}}
streams:
  - {{name: latest, token: tokenlatest, when_faster: latest}}
  - {{name: mean, token: tokenmean, when_faster: mean}}
  - {{name: min_max, token: tokenminmax, when_faster: min_max}}
  - {{name: queue, token: tokenqueue, when_faster: queue}}
routes:
  - {{topic: plant/boiler, decode: {{type: json}}, stream: [latest, mean, min_max, queue], point: {{x: n, y: v}}}}
"""
TOKENS = ("tokenlatest", "tokenmean", "tokenminmax", "tokenqueue")
# A plant at rest with two spikes, neither of them where a stream would look by chance.
VALUES = [5000 if n == 101 else -4000 if n == 166 else n % 7 for n in range(250)]


class WhenFaster(BridgeTest):
    def test_each_choice_keeps_its_promise(self):
        broker, endpoint, admin = self.start_broker(), self.start_endpoint(), free_port()
        daemon = self.start_daemon(CONFIG.format(broker=broker.url, endpoint=endpoint.url, admin=admin), admin_port=admin)
        daemon.wait_until_ready()
        for token in TOKENS:
            endpoint.wait_for_stream(token)
        payloads = [json.dumps({"n": n, "v": v}) for n, v in enumerate(VALUES)]
        broker.publish_paced("plant/boiler", payloads, per_second=250, qos=1)
        endpoint.wait_for_lines("tokenqueue", len(VALUES))
        self.assertEqual(daemon.stop(), 0)  # whatever still waited has been sent

        points = {token: [json.loads(line) for line in endpoint.lines(token)] for token in TOKENS}
        self.assertEqual([point["y"] for point in points["tokenqueue"]], VALUES)
        for token in TOKENS[:3]:
            xs = [point["x"] for point in points[token]]
            self.assertEqual(xs, sorted(set(xs)), token)
            self.assertGreater(len(xs), 10, "it holds back, it does not starve")
            self.assertLess(len(xs), 100, "it holds back")
        self.assertEqual(points["tokenlatest"][-1], {"x": 249, "y": VALUES[249]})
        for point in points["tokenlatest"] + points["tokenminmax"]:
            self.assertEqual(point["y"], VALUES[point["x"]], "a whole point")
        ys = [point["y"] for point in points["tokenminmax"]]
        self.assertEqual((min(ys), max(ys)), (-4000, 5000))
        self.assert_means(points["tokenmean"])
        for token in TOKENS:
            self.assert_paced(endpoint.of(token)[0])

    def assert_means(self, points):
        """Each is the mean of everything since the one before."""
        begin = 0
        for point in points:
            values = VALUES[begin:point["x"] + 1]
            self.assertAlmostEqual(point["y"], sum(values) / len(values), places=9)
            begin = point["x"] + 1
        self.assertEqual(begin, len(VALUES))

    def assert_paced(self, connection):
        for _, chunk in connection.chunks:
            self.assertRegex(chunk, rb"^(\{[^\n]*\})?\n$", "one line a chunk")
        times = [when for when, chunk in connection.chunks if chunk != b"\n"]
        self.assertEqual(len(times), len(connection.lines))
        for first, last in zip(times, times[20:]):
            # The tenth is for a line that this test has read late.
            self.assertGreater(last - first, 0.9, "more than 20 lines in a second")


if __name__ == "__main__":
    unittest.main()
