"""What the admin's four paths say, and that readiness follows the broker and not the endpoint."""

import unittest

from support.bridge_test import BridgeTest
from support.waiting import free_port, wait_until

CONFIG = """
streams: [{name: boiler, token: tokenboilr}]
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""
# A connection is on probation until it has lasted.
UP = ("probation", "live")


class AdminPaths(BridgeTest):
    def test_tell_what_the_bridge_does(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(CONFIG, broker, endpoint)
        broker.publish("plant/boiler", "1", "2")
        endpoint.wait_for_lines("tokenboilr", 2)

        self.assertEqual(daemon.get("/healthz")[0], 200)
        self.assertEqual(daemon.get("/readyz")[0], 200)
        self.assertEqual(daemon.get("/nothing")[0], 404)

        wait_until(lambda: daemon.stream("boiler")["lines_sent"] == 2, "both lines are counted")
        self.assertIn("broker", daemon.status())
        stream = daemon.stream("boiler")
        self.assertIn(stream["state"], ("probation", "live"))
        for field in ("name", "state", "since", "lines_sent", "lines_per_second", "queued", "spooled", "evictions", "reconnects", "last_close"):
            self.assertIn(field, stream)
        self.assertEqual((stream["queued"], stream["evictions"], stream["reconnects"]), (0, 0, 0))

        self.assertEqual(daemon.metric("plotbridge_build_info"), 1)
        self.assertEqual(daemon.metric("plotbridge_mqtt_connection_up"), 1)
        self.assertEqual(daemon.metric("plotbridge_mqtt_received_messages_total"), 2)
        self.assertEqual(daemon.metric("plotbridge_stream_sent_lines_total", stream="boiler"), 2)
        self.assertEqual(daemon.metric("plotbridge_stream_state", stream="boiler"), 1, "in one state at a time")
        self.assertEqual(daemon.metric("plotbridge_delivery_seconds_count"), 2)

    def test_a_closed_stream_says_why(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(CONFIG, broker, endpoint)
        endpoint.wait_for_stream("tokenboilr").answer("408 Request Timeout", "timeout on active data")
        endpoint.wait_for_stream("tokenboilr", number=2)
        wait_until(lambda: daemon.stream("boiler")["reconnects"] == 1, "the reconnect is counted")
        last_close = daemon.stream("boiler")["last_close"]
        self.assertEqual(last_close["reason"], "idle")
        self.assertTrue(last_close["at"])
        self.assertEqual(daemon.metric("plotbridge_stream_closes_total", stream="boiler", reason="idle"), 1)

    def test_readiness_follows_the_broker(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(CONFIG, broker, endpoint)
        endpoint.stop()
        wait_until(lambda: daemon.stream("boiler")["last_close"], "the stream is down")
        self.assertTrue(daemon.ready())
        broker.stop()
        wait_until(lambda: not daemon.ready(), "/readyz says that the broker is away")
        status, reason = daemon.get("/readyz")
        self.assertEqual(status, 503)
        self.assertIn("broker", reason)
        self.assertEqual(daemon.get("/healthz")[0], 200)

    def test_a_broker_that_was_never_there(self):
        endpoint, admin = self.start_endpoint(), free_port()
        daemon = self.start_daemon(
            f'version: 1\nbroker: {{url: "mqtt://127.0.0.1:{free_port()}"}}\n'
            f'endpoint: {{url: "{endpoint.url}"}}\nadmin: {{listen: "127.0.0.1:{admin}"}}\n{CONFIG}', admin_port=admin)
        endpoint.wait_for_stream("tokenboilr")
        wait_until(lambda: "broker" in daemon.get("/readyz")[1], "/readyz names the broker")
        self.assertFalse(daemon.ready())


if __name__ == "__main__":
    unittest.main()
