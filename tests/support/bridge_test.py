"""The stage of an integration test: broker, endpoint and program, each ended when the test ends."""

import sys
import unittest

from support.daemon import Daemon
from support.mosquitto import Mosquitto
from support.scripted_endpoint import ScriptedEndpoint
from support.waiting import free_port


class BridgeTest(unittest.TestCase):
    def start_broker(self, **options):
        broker = Mosquitto(**options)
        self.addCleanup(broker.close)
        return broker.start()

    def start_endpoint(self, **options):
        endpoint = ScriptedEndpoint(**options)
        self.addCleanup(endpoint.stop)
        return endpoint.start()

    def start_daemon(self, config=None, **options):
        daemon = Daemon(config, **options)
        self.addCleanup(self._end, daemon)
        return daemon

    def start_bridge(self, config, broker, endpoint=None, broker_keys="", endpoint_keys="",
                     endpoint_type="plotbridge", **options):
        """The program with `config` below the addresses of its surroundings, connected to the broker. Without an
        endpoint it is the built-in one, at `daemon.page`. The keys (", name: value") go into those blocks."""
        admin_port, page_port = free_port(), free_port()
        where = (f'endpoint: {{url: "{endpoint.url}", type: {endpoint_type}{endpoint_keys}}}' if endpoint
                 else f'server: {{listen: "127.0.0.1:{page_port}"}}')
        text = (f'version: 1\nbroker: {{url: "{broker.url}"{broker_keys}}}\n{where}\n'
                f'admin: {{listen: "127.0.0.1:{admin_port}"}}\n{config}')
        daemon = self.start_daemon(text, admin_port=admin_port, **options)
        daemon.page = f"http://127.0.0.1:{page_port}"
        return daemon.wait_until_ready()

    def _end(self, daemon):
        """A program that still runs must end by SIGTERM with 0, as a sanitizer's findings would prevent."""
        try:
            if daemon.running():
                self.assertEqual(daemon.stop(), 0, daemon.log())
        finally:
            print(f"--- the log's end\n{daemon.log()[-8000:]}", file=sys.stderr)
            daemon.close()
