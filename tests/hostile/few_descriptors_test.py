"""Where descriptors are few, strangers at the endpoint and at the admin port leave some for the rest of the process: streams
go on, new ones come, and the admin pages answer."""

import json
import resource
import socket
import unittest

from support.bridge_test import BridgeTest
from support.daemon import get
from support.waiting import PATIENCE, wait_until

LIMIT = 256
STRANGERS = 600
CONFIG = """
streams:
  - {name: boiler, token: abcdefghij}
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""


class FewDescriptors(BridgeTest):
    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 4096)), hard))
        self.broker = self.start_broker()
        self.daemon = self.start_bridge(CONFIG, self.broker)
        resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE, (LIMIT, LIMIT))

    def strangers(self, port):
        for _ in range(STRANGERS):
            one = socket.create_connection(("127.0.0.1", port), PATIENCE)
            self.addCleanup(one.close)

    def values(self):
        plot = json.loads(get(self.daemon.page + "/api/plots")[1])["plots"][0]
        _, text = get(f"{self.daemon.page}/apigetfile/plant/{plot['id']}")
        return json.loads(text)["payload"]["figure"]["data"][0].get("y", [])

    def test_strangers_leave_descriptors_to_the_rest(self):
        self.broker.publish("plant/boiler", *range(20))
        self.strangers(int(self.daemon.page.rsplit(":", 1)[1]))
        self.broker.publish("plant/boiler", *range(20, 40))
        wait_until(lambda: self.values() == list(range(40)), "all lines came")
        self.assertGreater(self.daemon.metric("plotbridge_endpoint_limited_total", reason="descriptors"), 0)
        self.strangers(self.daemon.admin_port)
        wait_until(lambda: self.daemon.metric("plotbridge_admin_limited_total") > 0, "strangers at the admin port go")
        self.assertEqual(self.daemon.stream("boiler")["reconnects"], 0)
        self.assertNotIn("cannot accept", self.daemon.log())


if __name__ == "__main__":
    unittest.main()
