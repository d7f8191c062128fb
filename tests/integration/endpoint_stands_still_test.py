"""An endpoint that stands still when the bridge starts: its TCP takes connections and lines, which says nothing. What is
in the spool waits until the endpoint answers. One that answers others, and gives no acknowledgements, gets its lines."""

import json
import os
import signal
import types
import unittest

from support.kept_endpoint import KeptEndpointTest
from support.waiting import wait_until

CONFIG = """
spool: {{directory: {folder}/spool}}
streams: [{{name: boiler, token: tokenboilr}}]
routes: [{{topic: boiler, decode: {{type: number}}, stream: boiler}}]
"""


class AnEndpointThatStandsStill(KeptEndpointTest):
    def bridge(self, broker, url):
        return self.start_bridge(CONFIG.format(folder=self.state.parent), broker, types.SimpleNamespace(url=url),
                                 broker_keys=", client_id: gateway")

    def test_costs_no_line(self):
        broker, endpoint = self.start_broker(), self.serve()
        bridge = self.bridge(broker, self.page)
        broker.publish("boiler", *range(50))
        wait_until(lambda: self.values(1) == list(range(50)), "the lines are there")
        os.kill(endpoint.pid, signal.SIGSTOP)
        bridge.kill()
        bridge = self.bridge(broker, self.page)
        broker.publish("boiler", *range(50, 150))
        bridge.wait_for_log("the endpoint takes connections and answers nothing")
        self.assertNotIn("no acknowledgements", bridge.log())
        endpoint.kill()  # it never read what its TCP had
        self.serve()
        wait_until(lambda: self.values(1) == list(range(150)), "every line came once")

    def test_does_not_keep_the_bridge_from_ending(self):
        broker, endpoint = self.start_broker(), self.serve()
        bridge = self.bridge(broker, self.page)
        broker.publish("boiler", 0)
        wait_until(lambda: self.values(1) == [0], "the endpoint acknowledges lines")
        bridge.stop()
        os.kill(endpoint.pid, signal.SIGSTOP)
        bridge = self.bridge(broker, self.page)
        broker.publish("boiler", *range(1, 11))
        bridge.wait_for_log("the endpoint takes connections and answers nothing")
        self.assertEqual(bridge.stop(), 0)
        self.assertIn("lines wait in the spool for the next start lines=10", bridge.log())
        os.kill(endpoint.pid, signal.SIGCONT)

    def test_is_told_apart_from_one_without_acknowledgements(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        bridge = self.bridge(broker, endpoint.url)
        broker.publish("boiler", *range(10))
        bridge.wait_for_log("no acknowledgements")
        lines = endpoint.wait_for_lines("tokenboilr", 10)
        self.assertEqual([json.loads(line)["y"] for line in lines], list(range(10)))
        # Found with a server that answers at the end of a stream only: each was opened twice, and waited for 4.5 s.
        self.assertEqual(len(endpoint.of("tokenboilr")), 1)
        self.assertEqual(bridge.metric("plotbridge_stream_opens_total"), 1)

    def test_is_not_waited_for_where_nobody_answers_a_head(self):
        """As servers do that know streams alone."""
        broker, endpoint = self.start_broker(), self.start_endpoint()
        endpoint.answers_heads = False
        bridge = self.bridge(broker, endpoint.url)
        broker.publish("boiler", *range(10))
        endpoint.wait_for_lines("tokenboilr", 10, seconds=4)  # a question waits for 5 s
        self.assertEqual(len(endpoint.of("tokenboilr")), 1)
        self.assertEqual(bridge.metric("plotbridge_stream_opens_total"), 1)


if __name__ == "__main__":
    unittest.main()
