"""What the soak stands on: publisher => broker => (wire) => bridge => (wire) => endpoint => observer."""

import ctypes
import json
import os
import signal
import subprocess
import threading
import urllib.parse
import urllib.request

from soak.clock import Clock
from soak.judge import judge
from soak.mqtt_ear import Given, MqttEar
from soak.observer import Observer
from soak.program import Program
from soak.publisher import Publisher
from soak.wire import Wire
from support.daemon import parse_metrics
from support.waiting import free_port, listens, wait_until

# Ids of a stream that the observer has not seen. With as many again that a killed broker gives twice, the endpoint's
# window must not turn over unseen.
AHEAD_MOST = 4000
SPOOL_DISK = 32 << 20
SPOOL_CAPACITY = "24MiB"
CLONE_NEWNS = 0x00020000
BROKER_CONFIG = """listener {port} 127.0.0.1
allow_anonymous true
user root
max_queued_messages 0
max_inflight_messages 100
set_tcp_nodelay true
persistence true
persistence_location {store}/
autosave_interval 0
log_dest stderr
log_type error
log_type warning
log_type notice
log_type information
"""


class Stage:
    def __init__(self, folder, program, streams, rate):
        self.folder = folder
        self.streams = streams
        self.given = [Given() for _ in range(streams)]
        self.trouble = []  # what went wrong beside the lines
        self.spool_disk = self._mount_spool()
        self.broker_port, self.admin_port, endpoint_port = free_port(), free_port(), free_port()
        self.mqtt_wire = Wire(free_port(), self.broker_port, lambda: MqttEar(self.given))
        self.endpoint_wire = Wire(free_port(), endpoint_port)
        self.bridge_clock = Clock(folder / "bridge.clock")
        self.endpoint_clock = Clock(folder / "endpoint.clock")
        self.broker = Program("broker", ["mosquitto", "-c", self._write_broker_config()], folder)
        self.endpoint = Program("endpoint", [program, "serve", "--listen", f"127.0.0.1:{endpoint_port}",
                                             "--state", folder / "plots.db"], folder,
                                self.endpoint_clock.environment())
        self.bridge = Program("bridge", [program, "run", "-c", self._write_bridge_config()], folder,
                              self.bridge_clock.environment())
        self.publisher = Publisher(self.broker_port, streams, rate, self._may_publish)
        self.endpoint_port = endpoint_port
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch, daemon=True)

    def programs(self):
        return self.broker, self.endpoint, self.bridge

    def start(self):
        for program in (self.broker, self.endpoint):
            program.start()
        for port in (self.broker_port, self.endpoint_port):
            wait_until(lambda: listens(port), f"somebody listens at {port}")
        plot = self._make_plot()
        self.observer = Observer(self.endpoint_port, plot, self.streams, lambda: self.endpoint.starts)
        self.observer.start()
        self.bridge.start()
        wait_until(lambda: self.metrics().get("plotbridge_mqtt_connection_up") == 1, "the bridge is connected")
        # Before its subscriptions stand, the broker keeps nothing for it.
        wait_until(self._ready, "the bridge has subscribed")
        self.publisher.start()
        self._watcher.start()
        return self

    def close(self):
        """Ends whatever still runs. The mount goes with this process."""
        self._over.set()
        for program in self.programs():
            program.send(signal.SIGCONT)
            program.kill()
        for wire in (self.mqtt_wire, self.endpoint_wire):
            wire.close()

    def end_watch(self):
        self._over.set()
        self._watcher.join()

    def seen_all(self, upto=None):
        """Whether the observer has seen the ids before `upto`, one for each stream; None: all that were issued."""
        wanted = upto or self.publisher.next_ids
        return all(values and values[-1] >= end - 1 or end == 0
                   for values, end in zip(self.observer.values, wanted))

    def verdicts(self, damaged, notices):
        """`damaged`: ids of each stream that need not arrive; `notices`: of lines that the bridge said it dropped."""
        excused = {number: set(ids) for number, ids in damaged.items()}
        for number, begin, end, _ in notices:
            excused.setdefault(number, set()).update(self.given[number].ids[begin:end])
        return [judge(given.ids, given.taken, self.observer.values[number], self.publisher.next_ids[number],
                      excused.get(number, frozenset())) for number, given in enumerate(self.given)]

    def metrics(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/metrics", timeout=1) as answer:
                return parse_metrics(answer.read().decode())
        except OSError:
            return {}

    def spool_folder(self):
        return self.folder / "spool" / "bridge"

    def spool_bytes(self):
        return sum(path.stat().st_size for path in self.spool_folder().glob("*.spool"))

    def issued(self):
        return sum(self.publisher.issued)

    def _ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/readyz", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    def _may_publish(self, stream):
        values = self.observer.values[stream]
        seen = values[-1] + 1 if values else 0
        return self.publisher.next_ids[stream] - seen < AHEAD_MOST

    def _watch(self):
        while not self._over.wait(0.5):
            for program in self.programs():
                program.look()

    def _mount_spool(self):
        """A small disk of the spool's own, gone with this process; False where that is not allowed."""
        path = self.folder / "spool"
        path.mkdir()
        libc = ctypes.CDLL(None, use_errno=True)
        if os.geteuid() != 0 or libc.unshare(CLONE_NEWNS) != 0:
            return False
        for command in (["mount", "--make-rprivate", "/"],
                        ["mount", "-t", "tmpfs", "-o", f"size={SPOOL_DISK}", "soak", str(path)]):
            if subprocess.run(command, capture_output=True).returncode != 0:
                return False
        return True

    def _write_broker_config(self):
        store = self.folder / "broker"
        store.mkdir()
        path = self.folder / "mosquitto.conf"
        path.write_text(BROKER_CONFIG.format(port=self.broker_port, store=store))
        return path

    def _write_bridge_config(self):
        routes = "".join(
            f'  - {{topic: soak/{n}, stream: s{n}, decode: {{type: json}}, point: {{x: $received, y: id}}}}\n' if n % 2
            else f'  - {{topic: soak/{n}, stream: s{n}, decode: {{type: number}}}}\n' for n in range(self.streams))
        path = self.folder / "plotbridge.yaml"
        path.write_text(
            "version: 1\n"
            f'broker: {{url: "mqtt://127.0.0.1:{self.mqtt_wire.port}", client_id: soak-bridge, keep_alive: 5s}}\n'
            f'endpoint: {{url: "http://127.0.0.1:{self.endpoint_wire.port}", type: plotbridge}}\n'
            f'admin: {{listen: "127.0.0.1:{self.admin_port}"}}\n'
            f'spool: {{directory: "{self.spool_folder()}", capacity: {SPOOL_CAPACITY}}}\n'
            "streams:\n" + "".join(f"  - {{name: s{n}, token: {token(n)}}}\n" for n in range(self.streams)) +
            "routes:\n" + routes)
        return path

    def _make_plot(self):
        traces = [{"name": f"s{n}", "stream": {"token": token(n), "maxpoints": 10000}} for n in range(self.streams)]
        form = urllib.parse.urlencode({
            "un": "soak", "key": "k", "origin": "plot", "platform": "python", "args": json.dumps(traces),
            "kwargs": json.dumps({"filename": "soak", "fileopt": "overwrite"})})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.endpoint_port}/clientresp", form.encode(),
                                    timeout=10) as answer:
            return json.load(answer)["url"].rsplit("/", 1)[1]


def token(number):
    return f"soaktoken{number:03d}"
