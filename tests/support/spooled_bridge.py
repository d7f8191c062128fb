"""The stage of a test on delivery: a broker that keeps sessions, an endpoint that keeps its plots, a bridge with a spool;
each can be killed and started again at the same place."""

import json
import signal
import tempfile
import threading
from pathlib import Path

from support.bridge_test import BridgeTest
from support.daemon import Daemon, get
from support.waiting import PATIENCE, free_port, wait_until

STREAMS = ["north", "south", "west"]
MOST = 10_000  # values of a stream: no window has more


class SpooledBridge(BridgeTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.spool = self.folder / "spool"
        self.broker = self.start_broker(persistence=True)
        self.endpoint_port, self.admin_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.endpoint_port}"
        self.endpoint = self.bridge = None
        self.addCleanup(self.end)
        self.published = {stream: 0 for stream in STREAMS}

    def end(self):
        for process in (self.bridge, self.endpoint):
            if process:
                process.close()

    def start_serving(self):
        plots = "".join(f"  - {{name: {stream}, traces: [{{stream: {{token: token-of-{stream}}}, max_points: {MOST}}}]}}\n"
                        for stream in STREAMS)
        self.endpoint = Daemon(f"version: 1\nserver: {{listen: \"127.0.0.1:{self.endpoint_port}\", "
                               f"state: {self.folder}/plots.db}}\nplots:\n{plots}", command=("serve",))
        self.endpoint.wait_for_log("endpoint listening")

    def start_bridging(self, endpoint=None, spool_keys="", stream_keys="", config="", **options):
        endpoint = endpoint or f'{{url: "{self.url}", type: plotbridge}}'
        streams = "".join(f"  - {{name: {stream}, token: token-of-{stream}{stream_keys}}}\n" for stream in STREAMS)
        self.bridge = Daemon(
            f'version: 1\nbroker: {{url: "{self.broker.url}", client_id: bridge}}\nendpoint: {endpoint}\n'
            f'admin: {{listen: "127.0.0.1:{self.admin_port}"}}\n'
            f"spool: {{directory: {self.spool}{spool_keys}}}\nstreams:\n{streams}"
            f'routes:\n  - {{topic: "plant/{{machine}}", qos: 1, decode: {{type: number}}, stream: "{{machine}}"}}\n'
            f"{config}", admin_port=self.admin_port, **options)
        return self.bridge.wait_until_ready()

    def kill(self, daemon):
        daemon._process.send_signal(signal.SIGKILL)
        daemon.wait()
        daemon.close()

    def publish(self, count, stream=None):
        """The next numbers of every stream, or of one; the broker has them on return."""
        for name in [stream] if stream else STREAMS:
            first = self.published[name]
            self.broker.publish(f"plant/{name}", *range(first, first + count))
            self.published[name] += count

    def publishing(self, count, per_second):
        """Publishes so many numbers of each stream at a pace; the threads that do."""
        threads = []
        for name in STREAMS:
            first = self.published[name]
            self.published[name] += count
            threads.append(threading.Thread(
                target=self.broker.publish_paced,
                args=(f"plant/{name}", range(first, first + count), per_second), kwargs={"qos": 1}))
            threads[-1].start()
        return threads

    def values(self, stream):
        """What the endpoint has of a stream."""
        fid = STREAMS.index(stream) + 1
        try:
            status, text = get(f"{self.url}/apigetfile/plotbridge/{fid}")
        except OSError:
            return []
        return json.loads(text)["payload"]["figure"]["data"][0].get("y", []) if status == 200 else []

    def assert_each_arrives(self, given_again, seconds=PATIENCE):
        """A broker gives a message again that was on disk when the bridge was killed, and not acknowledged yet: so many
        may come twice."""
        for stream in STREAMS:
            last = self.published[stream] - 1
            wait_until(lambda: last in self.values(stream), f"the last of {stream} arrives", seconds)
        for stream in STREAMS:
            got = self.values(stream)
            self.assertEqual(list(dict.fromkeys(got)), list(range(self.published[stream])), f"{stream}: none lost, in order")
            self.assertLessEqual(len(got), self.published[stream] + given_again, stream)

    def assert_each_arrives_once(self, seconds=PATIENCE):
        for stream in STREAMS:
            count = self.published[stream]
            wait_until(lambda: len(self.values(stream)) >= count, f"all {count} of {stream} arrive", seconds)
        for stream in STREAMS:
            got = self.values(stream)
            wrong = next(((i, value) for i, value in enumerate(got) if value != i), None)
            self.assertIsNone(wrong, f"{stream}: place, value")
            self.assertEqual(len(got), self.published[stream], stream)
