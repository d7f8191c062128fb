"""Our endpoint behind a reverse proxy, which may hold acknowledgements back until a stream ends, and has taken lines that the
endpoint never gets when that is killed: none is lost."""

import unittest
from types import SimpleNamespace

from support.proxies import caddy, haproxy, nginx
from support.spooled_bridge import SpooledBridge
from support.waiting import wait_until


class Behind:
    def test_nothing_is_lost_when_the_endpoint_is_killed_three_times_under_load(self):
        self.start_serving()
        proxy = self.proxy(SimpleNamespace(port=self.endpoint_port))
        self.addCleanup(proxy.close)
        self.start_bridging(endpoint=f'{{url: "{proxy.start().url}", type: plotbridge}}')
        threads = self.publishing(900, 300)
        for kill in range(3):
            target = 100 * (kill + 1)
            wait_until(lambda: len(self.values("north")) >= target, f"{target} values", 40)
            self.kill(self.endpoint)
            self.start_serving()
        for thread in threads:
            thread.join()
        self.assert_each_arrives_once(60)
        self.assertNotIn("no acknowledgements", self.bridge.log())
        wait_until(lambda: self.bridge.metric("plotbridge_queue_lines") == 0, "nothing waits")


class BehindNginx(Behind, SpooledBridge):
    proxy = staticmethod(nginx)


class BehindHaproxy(Behind, SpooledBridge):
    proxy = staticmethod(haproxy)


class BehindCaddy(Behind, SpooledBridge):
    proxy = staticmethod(caddy)


if __name__ == "__main__":
    unittest.main()
