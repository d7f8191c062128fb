"""A message without a route, a payload that does not decode and a template without a stream are counted and
logged, the log does not grow with their number, and the next good message flows."""

import re
import subprocess
import unittest

from support.bridge_test import BridgeTest
from support.daemon import PROGRAM
from support.waiting import PATIENCE

CONFIG = """
streams:
  - {name: boiler, token: tokenboilr}
routes:
  - topic: plant/{machine}/temperature
    decode: {type: number}
    stream: "{machine}"
  - topic: plant/boiler/json
    decode: {type: json}
    point: {y: temperature}
    stream: boiler
"""


class BadMessages(BridgeTest):
    def setUp(self):
        self.broker, self.endpoint = self.start_broker(), self.start_endpoint()
        self.daemon = self.start_bridge(CONFIG, self.broker, self.endpoint)

    def assert_the_next_flows(self, lines=1):
        self.broker.publish("plant/boiler/temperature", "42")
        self.assertIn('"y":42}', self.endpoint.wait_for_lines("tokenboilr", lines)[-1])

    def test_a_payload_that_does_not_decode(self):
        self.broker.publish("plant/boiler/temperature", "warm")
        self.broker.publish("plant/boiler/json", '{"temperature": ')
        self.broker.publish("plant/boiler/json", '{"pressure": 1}')
        self.broker.publish("plant/boiler/temperature", b"\xff\x00\n1")
        self.assert_the_next_flows()
        self.assertEqual(self.daemon.metric("plotbridge_decode_errors_total"), 4)
        self.assertIn("plant/boiler/temperature", self.daemon.wait_for_log("plant/boiler/temperature").string)
        self.assertEqual(self.endpoint.lines("tokenboilr")[:-1], [])

    def test_a_template_that_names_no_stream(self):
        self.broker.publish("plant/chiller/temperature", "7")
        self.assert_the_next_flows()
        self.assertEqual(self.daemon.metric("plotbridge_unrouted_messages_total"), 1)
        self.daemon.wait_for_log("chiller")

    def test_the_log_does_not_grow_with_their_number(self):
        self.broker.publish("plant/boiler/temperature", *["warm"] * 500)
        self.broker.publish("plant/chiller/temperature", *["7"] * 500)
        self.assert_the_next_flows()
        self.assertEqual(self.daemon.metric("plotbridge_decode_errors_total"), 500)
        self.assertEqual(self.daemon.metric("plotbridge_unrouted_messages_total"), 500)
        about = [line for line in self.daemon.log().splitlines() if "chiller" in line or "boiler/temp" in line]
        self.assertLess(len(about), 20, "\n".join(about))
        # One line of the kind, then a sum of what it stood for, at the end at the latest.
        self.assertEqual(self.daemon.stop(), 0)
        told = [int(n) for n in re.findall(r"not decoded.* suppressed=(\d+)", self.daemon.log())]
        self.assertEqual(sum(told) + self.daemon.log().count("message not decoded"), 500, self.daemon.log())
        told = [int(n) for n in re.findall(r"not routed.* suppressed=(\d+)", self.daemon.log())]
        self.assertEqual(sum(told) + self.daemon.log().count("message not routed"), 500, self.daemon.log())

    def test_the_status_says_of_each_route_what_was_wrong(self):
        self.broker.publish("plant/boiler/temperature", "warm", "7")
        self.broker.publish("plant/boiler/json", '{"temperature": ', '{"pressure": 1}', '{"pressure": 2}')
        self.broker.publish("plant/chiller/temperature", "7")
        self.assert_the_next_flows(2)
        status = self.daemon.status()
        self.assertEqual(status["messages"], {"unrouted": 1, "oversize": 0, "poison": 0})
        template, document = status["routes"]
        self.assertEqual((template["topic"], template["messages"], template["points"], template["errors"]),
                         ("plant/{machine}/temperature", 4, 2, {"not_a_number": 1}))
        self.assertEqual(document["errors"], {"json": 1, "missing_field": 2})
        self.assertEqual(document["last_error"]["error"], "missing_field")
        self.assertIn("temperature", document["last_error"]["why"])
        # No kind of error hides another in the log.
        self.daemon.wait_for_log("error=json")
        self.daemon.wait_for_log("error=missing_field")
        run = subprocess.run([PROGRAM, "status", "--admin", f"http://127.0.0.1:{self.daemon.admin_port}"],
                             capture_output=True, text=True, timeout=PATIENCE)
        self.assertRegex(run.stdout, r"\nroute plant/boiler/json: 3 errors \(json 1, missing_field 2\), the last \d+s ago: missing_field: ")
        self.assertIn("\nmessages: 1 without a route or stream\n", run.stdout)


class AMessageThatNoRouteWants(BridgeTest):
    """It comes when the kept session has a subscription of an earlier configuration."""

    def test_is_counted_and_the_next_flows(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        keys = {"broker_keys": ", client_id: gateway-7"}
        earlier = CONFIG.replace("plant/{machine}/temperature", "plant/{machine}/#")
        self.assertEqual(self.start_bridge(earlier, broker, endpoint, **keys).stop(), 0)
        daemon = self.start_bridge(CONFIG, broker, endpoint, **keys)
        broker.publish("plant/boiler/pressure", "7")
        broker.publish("plant/boiler/temperature", "42")
        endpoint.wait(lambda: any('"y":42}' in line for line in endpoint.lines("tokenboilr")), "the good message")
        self.assertEqual(daemon.metric("plotbridge_unrouted_messages_total"), 1)
        self.assertEqual(daemon.metric("plotbridge_decode_errors_total"), 0)


if __name__ == "__main__":
    unittest.main()
