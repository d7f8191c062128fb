"""Another client of a token that takes it back at once, whenever it loses it: the bridge stands by after at most two more
tries, whether the endpoint names evictions or ends the older connection without a word. Its other streams are untouched,
messages go on being taken, and what waited is sent when the rival has left."""

import json
import unittest

from support.bridge_test import BridgeTest
from support.naive_rival import NaiveRival
from support.waiting import wait_until

CONFIG = """
streams:
  - {name: boiler, token: tokenboilr}
  - {name: chiller, token: tokenchill}
  - {name: pump, token: tokenpumps}
routes:
  - {topic: "plant/{machine}", decode: {type: number}, point: {n: $value}, stream: "{machine}"}
"""


def evict_silently(older):
    older.close()


def evict_by_name(older):
    older.answer("423 Locked", "connection limit associated with this token has been reached")


def of_rival(connection):
    return "User-Agent: rival" in connection.head


class Rivalry:
    """A bridge, an endpoint that evicts in its way, and a rival for one of the bridge's tokens."""

    def __init__(self, test, evict, keys=""):
        self.test = test
        self.broker, self.endpoint = test.start_broker(), test.start_endpoint(evict=evict)
        self.daemon = test.start_bridge(CONFIG, self.broker, self.endpoint, endpoint_keys=keys)
        for machine in ("boiler", "chiller", "pump"):
            self.broker.publish(f"plant/{machine}", *range(10))
        for token in ("tokenboilr", "tokenchill", "tokenpumps"):
            self.endpoint.wait_for_lines(token, 10)
        self.rival = NaiveRival(self.endpoint, "tokenboilr")
        test.addCleanup(self.rival.leave)
        self.endpoint.wait_for_stream("tokenboilr", number=2)

    def take_overs(self):
        """How often the bridge took the token from the rival."""
        return sum(not of_rival(connection) for connection in self.endpoint.of("tokenboilr")[1:])

    def wait_for_standby(self):
        wait_until(lambda: self.daemon.stream("boiler")["state"] == "standby", "the stream stands by")

    def assert_told(self, said):
        told = self.daemon.wait_for_change("boiler", "standby")
        self.test.assertIn("evicted: ", told["why"])
        self.test.assertIn(said, told["why"])
        self.test.assertIn("token of its own", told["hint"])
        self.test.assertGreaterEqual(self.daemon.stream("boiler")["evictions"], 1)
        return told

    def assert_siblings_untouched(self):
        for token in ("tokenchill", "tokenpumps"):
            self.test.assertEqual([c.ended for c in self.endpoint.of(token)], [None], token)

    def assert_left_alone_until_sighup(self):
        """Lines wait; nothing is dialled until the siblings, opened with it, have lasted their 10 s and more."""
        tries = self.take_overs()
        self.broker.publish("plant/boiler", *range(10, 40))
        self.broker.publish("plant/pump", *range(10, 40))
        self.endpoint.wait_for_lines("tokenpumps", 40)
        wait_until(lambda: self.daemon.stream("boiler")["queued"] >= 30, "the lines wait")
        wait_until(lambda: self.daemon.stream("pump")["state"] == "live", "a sibling is live")
        self.test.assertEqual(self.take_overs(), tries)
        self.test.assertEqual(self.daemon.stream("boiler")["state"], "standby")
        self.rival.leave()
        self.daemon.hang_up()
        self.endpoint.wait(lambda: set(range(10, 40)) <= self.numbers(), "what waited is sent")
        self.assert_siblings_untouched()

    def numbers(self):
        return {json.loads(line)["n"] for line in self.endpoint.lines("tokenboilr")}


class TwoClients(BridgeTest):
    def test_of_one_token_do_not_fight(self):
        """Three rivalries side by side: one that the endpoint names, one that it does not, and one without return."""
        silent = Rivalry(self, evict_silently)
        named = Rivalry(self, evict_by_name)
        yielding = Rivalry(self, evict_by_name, keys=", contest: yield")

        for rivalry in (named, yielding, silent):
            rivalry.wait_for_standby()
        self.assertEqual(named.take_overs(), 0)
        self.assertEqual(yielding.take_overs(), 0)
        self.assertLessEqual(silent.take_overs(), 2)
        told = named.assert_told("423")
        self.assertGreater(float(told["again_in"].split()[0]), 20)
        self.assertNotIn("again_in", yielding.assert_told("423"))
        silent.assert_told("without an answer")
        for rivalry in (silent, named, yielding):
            rivalry.assert_left_alone_until_sighup()

    def test_a_bridge_with_one_stream_stands_by_as_well(self):
        """Without siblings to compare with, it looks whether the endpoint is there."""
        broker, endpoint = self.start_broker(), self.start_endpoint(evict=evict_silently)
        daemon = self.start_bridge("streams: [{name: boiler, token: tokenboilr}]\n", broker, endpoint)
        endpoint.wait_for_stream("tokenboilr")
        rival = NaiveRival(endpoint, "tokenboilr")
        self.addCleanup(rival.leave)
        told = daemon.wait_for_change("boiler", "standby")
        of_bridge = [connection for connection in endpoint.of("tokenboilr") if not of_rival(connection)]
        self.assertLessEqual(len(of_bridge), 1 + 2)
        self.assertIn("could be reached", told["why"])


if __name__ == "__main__":
    unittest.main()
