"""A canary for a token, looked for in all that a person or a machine can read from outside."""

import unittest
from pathlib import Path

from support.bridge_test import BridgeTest
from support.daemon import get
from support.waiting import wait_until

CANARY = "canary7tok"
PASSWORD = "canary-password"
CONFIG = """
log: {level: debug}
streams:
  - {name: boiler, token: {env: BOILER_TOKEN}}
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""


class AToken(BridgeTest):
    def assert_hidden(self, text):
        self.assertNotIn(CANARY, text)
        self.assertNotIn(PASSWORD, text)

    def assert_hidden_outside(self, daemon):
        self.assert_hidden(Path(f"/proc/{daemon.pid}/cmdline").read_text())
        for path in ("/status", "/metrics", "/readyz", "/healthz"):
            self.assert_hidden(daemon.get(path)[1])
        self.assert_hidden(daemon.log())

    def test_stays_secret_when_an_endpoint_says_it_aloud(self):
        answers = iter(["404 Not Found", "423 Locked", "422 Unprocessable Entity"])

        def answer(connection):
            status = next(answers, None)
            if status:
                connection.answer(status, f"streamtoken {CANARY} was refused")

        broker, endpoint = self.start_broker(), self.start_endpoint(on_stream=answer)
        keys = f", username: edge, password: {PASSWORD}"
        daemon = self.start_bridge(CONFIG, broker, endpoint, broker_keys=keys, environment={"BOILER_TOKEN": CANARY})
        endpoint.wait_for_stream(CANARY)
        broker.publish("plant/boiler", "1")
        wait_until(lambda: daemon.metric("plotbridge_stream_closes_total") >= 1, "the refusal is counted")
        daemon.wait_for_log("boiler")
        self.assert_hidden_outside(daemon)
        self.assertEqual(daemon.stop(), 0)
        self.assert_hidden(daemon.log())

    def test_stays_secret_on_the_page(self):
        broker = self.start_broker()
        daemon = self.start_bridge(CONFIG, broker, environment={"BOILER_TOKEN": CANARY})
        broker.publish("plant/boiler", "1")
        wait_until(lambda: "boiler" in get(daemon.page + "/api/plots")[1], "the page knows the stream")
        wait_until(lambda: daemon.stream("boiler")["lines_sent"] == 1, "the line is sent")
        for path in ("/", "/api/plots", "/api/plots/1"):
            self.assert_hidden(get(daemon.page + path)[1])
        self.assert_hidden_outside(daemon)

    def test_stays_secret_when_the_configuration_has_mistakes(self):
        text = f"""version: 1
broker: {{url: "mqtt://127.0.0.1:1", password: {PASSWORD}, passwort: {PASSWORD}}}
streams:
  - {{name: one, token: {CANARY}}}
  - {{name: two, token: {CANARY}}}
  - {{name: three, token: [{CANARY}]}}
  - {{name: four, tokne: {CANARY}}}
"""
        daemon = self.start_daemon(text, command=("check",))
        self.assertEqual(daemon.wait(), 78)
        self.assertIn(":5:", daemon.log())
        self.assert_hidden(daemon.log())


if __name__ == "__main__":
    unittest.main()
