"""A peer that vanished without a packet is noticed within 21 s, one that only reads slowly is waited for, and one that
complains of silence gets a new connection at once; no line is lost to any of them."""

import json
import threading
import time
import unittest

from support.bridge_test import BridgeTest
from support.waiting import wait_until

NOTICED_WITHIN = 21
COUNT = 4000  # lines in 20 s
CONFIG = """
streams:
  - {name: vanishing, token: token-of-vanishing}
  - {name: vanishing-idle, token: token-of-vanishing-idle}
  - {name: stalling, token: token-of-stalling}
  - {name: complaining, token: token-of-complaining}
  - {name: healthy, token: token-of-healthy}
routes:
  - {topic: flow, decode: {type: json}, point: {n: n, text: text}, stream: [vanishing, stalling, healthy]}
"""


class Silence(BridgeTest):
    def setUp(self):
        # With so small a buffer a stall closes the window within a second.
        self.broker, self.endpoint = self.start_broker(), self.start_endpoint(receive_buffer=8192)
        self.daemon = self.start_bridge(CONFIG, self.broker, self.endpoint)
        lines = [json.dumps({"n": n, "text": "x" * 400}) for n in range(COUNT)]
        self.flow = threading.Thread(target=self.broker.publish_paced, args=("flow", lines, 200), kwargs={"qos": 1})
        self.flow.start()
        self.addCleanup(self.flow.join)
        self.first = {name: self.endpoint.wait_for_stream(f"token-of-{name}") for name in
                      ("vanishing", "vanishing-idle", "stalling", "complaining", "healthy")}
        self.endpoint.wait_for_lines("token-of-healthy", 100)

    def numbers(self, name):
        return [json.loads(line)["n"] for line in self.endpoint.lines(f"token-of-{name}")]

    def test_is_told_apart(self):
        vanished_at = time.monotonic()
        self.first["vanishing"].vanish()
        self.first["vanishing-idle"].vanish()

        self.first["stalling"].stop_reading()
        # 64 KiB wait in the kernel, then lines wait in the queue: 800 of them after some 5 s.
        wait_until(lambda: self.daemon.stream("stalling")["queued"] >= 800, "the window is closed, lines wait")
        self.first["stalling"].go_on_reading()

        wait_until(lambda: self.daemon.stream("complaining")["state"] == "live", "a silent stream is live")
        self.first["complaining"].answer("408 Request Timeout", "timeout on active data")
        self.endpoint.wait_for_stream("token-of-complaining", number=2)
        (told,) = wait_until(lambda: [change for change in self.daemon.changes("complaining") if change["from"] == "live"],
                             "the log tells of it")
        self.assertEqual((told["to"], told["why"][:5]), ("connecting", "idle:"), "at once, without a wait")

        for name in ("vanishing", "vanishing-idle"):
            wait_until(lambda: self.daemon.stream(name)["last_close"], f"the end of {name} is noticed", NOTICED_WITHIN)
            self.assertLess(time.monotonic() - vanished_at, NOTICED_WITHIN)
            self.assertEqual(self.daemon.stream(name)["last_close"]["reason"], "network")
            self.endpoint.wait_for_stream(f"token-of-{name}", number=2)

        self.flow.join()
        for name in ("stalling", "healthy"):
            self.endpoint.wait(lambda: len(self.numbers(name)) >= COUNT, f"all lines of {name}")
            self.assertEqual(self.numbers(name), list(range(COUNT)))
            self.assertEqual(len(self.endpoint.of(f"token-of-{name}")), 1, f"{name} was never opened again")
        self.endpoint.wait(lambda: set(self.numbers("vanishing")) == set(range(COUNT)), "all lines of the vanished one")


if __name__ == "__main__":
    unittest.main()
