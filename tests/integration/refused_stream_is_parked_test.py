"""A stream that the endpoint refuses, or sends to another address, is parked: asked for again in a quarter of an hour or
at SIGHUP, not sooner, and its token goes to nobody else. Its siblings flow."""

import unittest

from support.bridge_test import BridgeTest
from support.waiting import wait_until

CONFIG = """
streams:
  - {name: boiler, token: tokenboilr}
  - {name: stranger, token: tokenstran}
routes:
  - {topic: "plant/{machine}", decode: {type: number}, stream: "{machine}"}
"""


class ARefusedStream(BridgeTest):
    def start(self, status, **answer):
        """The bridge, with an endpoint that answers a stranger so while `self.refuses`."""
        self.refuses = True

        def on_stream(connection):
            if self.refuses and connection.token == "tokenstran":
                connection.answer(status, **answer)

        self.broker, self.endpoint = self.start_broker(), self.start_endpoint(on_stream=on_stream)
        self.daemon = self.start_bridge(CONFIG, self.broker, self.endpoint)
        self.told = self.daemon.wait_for_change("stranger", "parked")

    def assert_parked_for_long(self):
        """At most twice in 30 s, and then every 12 to 18 minutes."""
        asked = len(self.endpoint.of("tokenstran"))
        self.assertLessEqual(asked, 2)
        again_in = float(self.told["again_in"].split()[0])
        self.assertTrue(12 * 60 - 1 <= again_in <= 18 * 60, again_in)
        # Until a sibling has lasted 10 s nothing more comes.
        wait_until(lambda: self.daemon.stream("boiler")["state"] == "live", "a sibling is live")
        self.assertEqual(len(self.endpoint.of("tokenstran")), asked)
        self.assertEqual(self.daemon.stream("stranger")["state"], "parked")

    def test_is_left_alone_and_tried_again_at_sighup(self):
        self.start("404 Not Found")
        self.broker.publish("plant/stranger", 1, 2, 3)
        self.broker.publish("plant/boiler", 7)
        self.endpoint.wait_for_lines("tokenboilr", 1)
        self.assert_parked_for_long()
        self.assertEqual(self.daemon.stream("stranger")["queued"], 3)
        self.assertIn("404", self.told["why"])
        self.assertIn("token", self.told["hint"])

        self.daemon.hang_up()
        self.endpoint.wait_for_stream("tokenstran", number=2)
        wait_until(lambda: len(self.daemon.changes("stranger")) == 6, "it is parked again")
        self.refuses = False
        self.daemon.hang_up()
        taken = self.endpoint.wait_for_stream("tokenstran", number=3)
        self.endpoint.wait(lambda: len(taken.lines) == 3, "what waited, though the refusing endpoint had read it")
        (sibling,) = self.endpoint.of("tokenboilr")
        self.assertIsNone(sibling.ended)

    def test_does_not_follow_a_redirect(self):
        other = self.start_endpoint()
        for status in ("301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
            with self.subTest(status=status):
                self.start(status, headers=f"Location: {other.url}/streams?key=secret\r\n")
                self.assertIn(f"refused: the endpoint answered {status[:3]}", self.told["why"])
                self.assertIn(other.url, self.told["why"])
                self.assertIn("endpoint.url", self.told["hint"])
                self.assertEqual(len(self.endpoint.of("tokenstran")), 1)
                self.assertEqual(self.daemon.stop(), 0)
        self.assertEqual(other.dials, [], "nobody came there")

    def test_keeps_its_token_out_of_the_log_when_the_endpoint_says_it(self):
        self.start("403 Forbidden", text='{"error": "no plot for streamtoken tokenstran"}',
                   headers="Location: http://tokenstran@127.0.0.1:1/tokenstran\r\n")
        self.assertIn("refused", self.told["why"])
        self.assertEqual(self.daemon.stop(), 0)
        self.assertNotIn("tokenstran", self.daemon.log())


if __name__ == "__main__":
    unittest.main()
