"""An endpoint that restarts: lines wait in the queue, the streams are opened again, nothing is lost or torn."""

import json
import unittest

from support.bridge_test import BridgeTest
from support.waiting import wait_until

CONFIG = """
streams:
  - {name: first, token: tokenfirst}
  - {name: second, token: tokensecnd}
routes:
  - {topic: "plant/{machine}", decode: {type: number}, stream: "{machine}"}
"""
TOKENS = {"first": "tokenfirst", "second": "tokensecnd"}


class AnEndpointRestart(BridgeTest):
    def publish(self, broker, numbers):
        for stream in TOKENS:
            broker.publish(f"plant/{stream}", *numbers)

    def values(self, endpoint, token):
        """Every line must be whole: a torn one is no JSON."""
        return [json.loads(line)["y"] for line in endpoint.lines(token)]

    def test_loses_nothing_that_waited(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(CONFIG, broker, endpoint)
        self.publish(broker, range(100))
        for token in TOKENS.values():
            endpoint.wait_for_lines(token, 100)
        endpoint.stop()
        for stream in TOKENS:
            wait_until(lambda: daemon.stream(stream)["last_close"], f"{stream} notices the end")
        self.publish(broker, range(100, 150))
        wait_until(lambda: daemon.metric("plotbridge_queue_lines") == 100, "the lines wait")
        self.assertTrue(daemon.ready(), "readiness does not depend on the endpoint")
        endpoint.start()
        self.publish(broker, range(150, 200))
        for stream, token in TOKENS.items():
            endpoint.wait_for_lines(token, 200)
            self.assertEqual(self.values(endpoint, token), list(range(200)))
            self.assertEqual(len(endpoint.of(token)), 2)
            self.assertGreaterEqual(daemon.stream(stream)["reconnects"], 1)


if __name__ == "__main__":
    unittest.main()
