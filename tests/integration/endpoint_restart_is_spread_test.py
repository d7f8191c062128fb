"""An endpoint with 300 streams that ends them all at once, or is away for seconds: every stream comes back within a
minute and is opened once, and the endpoint is never fallen upon."""

import bisect
import tempfile
import unittest
from pathlib import Path

from support.bridge_test import BridgeTest
from support.waiting import wait_until

TOKENS = [f"token-of-{i}" for i in range(300)]
# 10 a second after a burst of 10, and two that the jitter may bring together.
MOST_IN_A_SECOND = 22
BACK_WITHIN = 60


class AnEndpointRestart(BridgeTest):
    def start(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        table = Path(folder.name) / "tokens.csv"
        table.write_text("name,token\n" + "".join(f"stream{i},{token}\n" for i, token in enumerate(TOKENS)))
        table.chmod(0o600)
        endpoint = self.start_endpoint()
        daemon = self.start_bridge(f"streams: [{{from_file: {table}}}]\n", self.start_broker(), endpoint)
        endpoint.wait(lambda: len(endpoint.connections) == len(TOKENS), "all streams are open")
        return endpoint, daemon

    def assert_spread(self, endpoint, daemon):
        endpoint.wait(lambda: len(endpoint.connections) >= 2 * len(TOKENS), "all streams are back", BACK_WITHIN)
        dials = endpoint.dials[len(TOKENS):]
        busiest = max(bisect.bisect_left(dials, at + 1) - i for i, at in enumerate(dials))
        self.assertLessEqual(busiest, MOST_IN_A_SECOND)
        wait_until(lambda: all(s["state"] in ("probation", "live") for s in daemon.status()["streams"]), "all are up")
        for token in TOKENS:
            self.assertEqual([c.ended for c in endpoint.of(token)[1:]], [None], "opened once, and left alone")
        self.assertEqual(daemon.metric("plotbridge_stream_closes_total", reason="evicted"), 0)
        self.assertEqual(daemon.metric("plotbridge_stream_closes_total", reason="suspect"), 0)

    def test_of_300_streams_is_spread(self):
        """Side by side: one ends its streams without a word, the other one's process is away for some seconds."""
        silent, at_silent = self.start()
        away, at_away = self.start()
        away.stop()
        for connection in silent.connections[:]:
            connection.close()
        wait_until(lambda: at_away.log().count("cannot connect") >= 30, "30 dials, in 3 s, have found nobody")
        away.start()
        self.assert_spread(silent, at_silent)
        self.assert_spread(away, at_away)
        closes = at_silent.metrics()
        self.assertEqual(sum(value for sample, value in closes.items()
                             if sample.startswith("plotbridge_stream_closes_total") and 'reason="restart"' in sample), 300)


if __name__ == "__main__":
    unittest.main()
