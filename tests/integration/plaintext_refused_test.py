"""A token over http:// to another machine is shown to the network: refused unless the configuration allows it."""

import unittest

from support.bridge_test import BridgeTest

CONFIG = """version: 1
broker: {url: "mqtt://127.0.0.1:1"}
endpoint: {url: "URL"ALLOW}
streams: [{name: boiler, token: tokenboilr}]
routes:
  - {topic: plant/boiler, decode: {type: number}, stream: boiler}
"""


class Plaintext(BridgeTest):
    def check(self, url, allow=""):
        daemon = self.start_daemon(CONFIG.replace("URL", url).replace("ALLOW", allow), command=("check",))
        return daemon.wait(), daemon.log()

    def test_to_another_machine_is_refused(self):
        code, log = self.check("http://stream.example.com")
        self.assertEqual(code, 78)
        self.assertIn(":3:", log)
        self.assertIn("allow_plaintext", log)

    def test_is_refused_before_anything_starts(self):
        daemon = self.start_daemon(CONFIG.replace("URL", "http://192.0.2.1").replace("ALLOW", ""))
        self.assertEqual(daemon.wait(), 78)

    def test_is_taken_when_allowed(self):
        self.assertEqual(self.check("http://stream.example.com", ", allow_plaintext: true")[0], 0)

    def test_on_this_machine_needs_no_leave(self):
        for url in ("http://127.0.0.1:9", "http://localhost:9", "http://[::1]:9"):
            with self.subTest(url=url):
                self.assertEqual(self.check(url)[0], 0)

    def test_of_tls_there_is_nothing_to_refuse(self):
        self.assertEqual(self.check("https://stream.example.com")[0], 0)


if __name__ == "__main__":
    unittest.main()
