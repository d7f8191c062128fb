"""1,000 numbers on each of 3 topics at QoS 1: all arrive, in order, digit for digit, on one connection each."""

import re
import threading
import unittest

from support.bridge_test import BridgeTest

COUNT = 1000
# Spellings that a detour over a floating-point number would change.
SPELLINGS = ["2.50", "1e5", "-0.0", "12345678901234567890", "0.1000", "1E+2", "-0", "3.141592653589793238462643"]
LINE = re.compile(r'\{"x":"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}","y":(.*)\}')

CONFIG = """
streams:
  - {name: first, token: tokenfirst}
  - {name: second, token: tokensecnd}
  - {name: third, token: tokenthird}
routes:
  - topic: plant/{machine}/speed
    decode: {type: number}
    stream: "{machine}"
"""


class ThousandNumbers(BridgeTest):
    def test_arrive_in_order(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        self.start_bridge(CONFIG, broker, endpoint)
        tokens = {"first": "tokenfirst", "second": "tokensecnd", "third": "tokenthird"}
        sent = {}
        publishers = []
        for which, stream in enumerate(tokens):
            # Every other number counts, so that a line in the wrong place shows.
            sent[stream] = [str(1000 * which + i) if i % 2 else SPELLINGS[(i // 2 + which) % len(SPELLINGS)]
                            for i in range(COUNT)]
            publishers.append(threading.Thread(target=broker.publish,
                                               args=(f"plant/{stream}/speed", *sent[stream])))
        for publisher in publishers:
            publisher.start()
        for publisher in publishers:
            publisher.join()
        for stream, token in tokens.items():
            lines = endpoint.wait_for_lines(token, COUNT)
            values = [LINE.fullmatch(line).group(1) for line in lines]
            self.assertEqual(values, sent[stream])
            self.assertEqual(len(endpoint.of(token)), 1)


if __name__ == "__main__":
    unittest.main()
