"""nginx and haproxy between the bridge and the endpoint: streams and heartbeats pass, what the endpoint behind says is
understood, and a backend that was away is found again, with every line that waited."""

import json
import unittest

from support.bridge_test import BridgeTest
from support.proxies import haproxy, nginx
from support.waiting import wait_until

NAMES = ("steady", "other", "evicted", "unknown", "closed", "picky")
CONFIG = "streams:\n" + "".join(f"  - {{name: {name}, token: token-of-{name}}}\n" for name in NAMES) + """
routes:
  - {topic: "plant/{machine}", decode: {type: json}, point: {n: n, text: text}, stream: "{machine}"}
"""


def token(name):
    return f"token-of-{name}"


def points(numbers, text="good"):
    return [json.dumps({"n": n, "text": text}) for n in numbers]


class Between:
    """One test for each proxy."""

    def setUp(self):
        self.broker = self.start_broker()
        self.endpoint = self.start_endpoint(on_lines=self.on_lines)
        proxy = self.proxy(self.endpoint)
        self.addCleanup(proxy.close)
        self.daemon = self.start_bridge(CONFIG, self.broker, proxy.start(), endpoint_keys=", heartbeat: 1s")

    def on_lines(self, connection, lines):
        if any("poison" in line for line in lines):
            connection.final_answer = "422 Unprocessable Entity"
            connection.answer("422 Unprocessable Entity", "json parse error")

    def numbers(self, name):
        return [json.loads(line)["n"] for line in self.endpoint.lines(token(name))]

    def assert_closed_for(self, name, *reasons):
        wait_until(lambda: self.daemon.stream(name)["last_close"], f"the end of {name} is noticed")
        wait_until(lambda: self.daemon.stream(name)["state"] != "waiting", f"{name} is judged")
        closed = self.daemon.stream(name)["last_close"]
        self.assertIn((closed["reason"], closed["what"].split(" (")[0]), reasons, self.daemon.changes(name))

    def test_streams_flow_and_end_as_without_it(self):
        for name in NAMES:
            self.broker.publish(f"plant/{name}", *points(range(100)))
        self.broker.publish_paced("plant/steady", points(range(100, 400)), 200, qos=1)
        for name in NAMES:
            count = 400 if name == "steady" else 100
            self.endpoint.wait_for_lines(token(name), count)
            self.assertEqual(self.numbers(name), list(range(count)))
        first = {name: self.endpoint.of(token(name))[0] for name in NAMES}
        self.endpoint.wait(lambda: first["other"].heartbeats >= 2, "heartbeats pass")

        first["evicted"].answer("423 Locked", "connection limit")
        first["unknown"].answer("404 Not Found", "no such token")
        first["closed"].close()
        self.assert_closed_for("evicted", ("evicted", "the endpoint answered 423"))
        self.assert_closed_for("unknown", ("refused", "the endpoint answered 404"))
        # Whether a proxy still answers depends on what it was just writing.
        self.assert_closed_for("closed", ("suspect", "the endpoint answered 502"),
                               ("suspect", "the endpoint closed the connection without an answer"))
        self.assertEqual(self.daemon.stream("evicted")["state"], "standby")
        self.assertEqual(self.daemon.stream("unknown")["state"], "parked")

        self.broker.publish("plant/picky", *points(range(100, 110)), *points([110], "poison"), *points(range(111, 120)))
        wait_until(lambda: self.daemon.stream("picky")["put_aside"] == 1, "the bad line is put aside")
        self.assertEqual(json.loads(self.daemon.stream("picky")["last_put_aside"]["line"])["n"], 110)

        self.daemon.hang_up()
        for name in ("evicted", "unknown", "closed", "picky"):
            self.broker.publish(f"plant/{name}", *points(range(120, 130)))
            self.endpoint.wait(lambda: set(range(120, 130)) <= set(self.numbers(name)), f"{name} flows again")
        for name in ("steady", "other"):
            self.assertEqual([c.ended for c in self.endpoint.of(token(name))], [None], f"{name} is untouched")

    def test_a_backend_that_was_away_is_found_again(self):
        for name in NAMES:
            self.endpoint.wait_for_stream(token(name))
        self.endpoint.stop()
        for name in NAMES:
            wait_until(lambda: self.daemon.stream(name)["last_close"], f"the end of {name} is noticed")
            self.broker.publish(f"plant/{name}", *points(range(200)))
        wait_until(lambda: all(len(self.daemon.changes(name)) >= 6 for name in NAMES), "each was tried in vain")
        self.endpoint.start()
        for name in NAMES:
            self.endpoint.wait(lambda: set(self.numbers(name)) == set(range(200)), f"what waited for {name} arrives")


class Nginx(Between, BridgeTest):
    proxy = staticmethod(nginx)


class Haproxy(Between, BridgeTest):
    proxy = staticmethod(haproxy)


if __name__ == "__main__":
    unittest.main()
