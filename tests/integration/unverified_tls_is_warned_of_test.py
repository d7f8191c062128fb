"""A certificate that is not verified is warned of at start, and a proxy is named without its password."""

import unittest

from support.bridge_test import BridgeTest

PASSWORD = "canary-password"
CONFIG = """version: 1
broker: {url: "mqtt://127.0.0.1:1"}
endpoint: {url: "https://127.0.0.1:9", proxy: "http://edge:PASSWORD@127.0.0.1:1", tls: {verify: VERIFY}}
admin: {listen: "127.0.0.1:0"}
streams: [{name: boiler, token: tokenboilr}]
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""


class UnverifiedTls(BridgeTest):
    def start(self, verify):
        daemon = self.start_daemon(CONFIG.replace("PASSWORD", PASSWORD).replace("VERIFY", verify))
        daemon.wait_for_log("by the proxy http://127.0.0.1:1")
        self.assertNotIn(PASSWORD, daemon.log())
        return daemon.log()

    def test_is_warned_of(self):
        log = self.start("false")
        self.assertIn("certificates are not verified key=endpoint.tls.verify", log)
        self.assertNotIn("broker.tls.verify", log)

    def test_is_not_there_by_default(self):
        self.assertNotIn("certificates are not verified", self.start("true"))


if __name__ == "__main__":
    unittest.main()
