"""The faults: what breaks, for how long, and which may not come together because nobody could judge them."""

import math
import random
import signal
import threading
import time

from soak.spool_damage import damage
from support.waiting import listens, wait_until

ANSWERS = {503: "Service Unavailable", 408: "Request Timeout"}
LONG = 600.0  # while others break what they can
MINUTE, YEAR = 60, 365 * 86400
CALM = 2.0  # seconds in which an endpoint writes, and tells, what it was sent


class Faults(threading.Thread):
    """Draws faults from `kinds` until it is told to end; several may be at work at a time, each on a part of its own.
    `every_one`: each kind once, in order, and no more."""

    # name: the part that it takes; two faults of one part do not overlap
    PARTS = {
        "bridge-kill": "bridge", "bridge-stop": "bridge", "bridge-pause": "bridge",
        "endpoint-kill": "endpoint", "endpoint-stop": "endpoint", "endpoint-pause": "endpoint",
        "broker-kill": "broker", "broker-stop": "broker",
        "wire-fin": "wire", "wire-rst": "wire", "wire-hole": "wire", "wire-slow": "wire", "wire-503": "wire",
        "wire-408": "wire",
        "mqtt-fin": "mqtt", "mqtt-rst": "mqtt", "mqtt-hole": "mqtt",
        "disk-full": "disk",
        # While it runs: what is set while it does not, it cannot know.
        "bridge-clock": "bridge", "endpoint-clock": "endpoint-clock",
        # Not by default: the broker forgets what it has acknowledged; bytes of the spool are changed.
        "broker-crash": "broker", "spool-damage": "bridge",
    }
    DEFAULT = [kind for kind in PARTS if kind not in ("broker-crash", "spool-damage")]
    # Lines that a full disk did not take are in the bridge's memory alone.
    ENDS_BRIDGE = ("bridge-kill", "bridge-stop", "spool-damage")

    def __init__(self, stage, kinds, mean_pause, seed, holes, pauses, every_one=False):
        super().__init__(daemon=True)
        self.stage, self.kinds, self.holes, self.pauses = stage, kinds, holes, pauses
        self.counts = dict.fromkeys(kinds, 0)
        self.excused = {}  # of a stream: ids in damaged records
        # (stream, from, to, lines): of what was given at those places the bridge says that it dropped so many lines.
        self.notices = []
        self.log = stage.folder / "faults.log"
        self._mean_pause, self._every_one = mean_pause, every_one
        self._random = random.Random(seed)
        self._busy, self._lock = set(), threading.Lock()
        self._over = threading.Event()
        self._began = time.monotonic()
        self._at_work = []

    def count(self):
        return sum(self.counts.values())

    def finish(self):
        """No more faults; returns when those at work have ended."""
        self._over.set()
        self.join()

    def run(self):
        if self._every_one:
            for kind in self.kinds:
                wait_until(lambda: self._begin(kind), f"{kind} may begin", 120)
                self._over.wait(self._random.expovariate(1 / self._mean_pause))
        while not self._over.is_set() and not self._every_one:
            self._over.wait(self._random.expovariate(1 / self._mean_pause))
            if not self._over.is_set():
                self._begin_any()
        for thread in self._at_work:
            thread.join()

    def _begin_any(self):
        """One that may begin now, rather a kind that has been rare."""
        chances = {kind: self.counts[kind] + self._random.uniform(0, 4) for kind in self.kinds}
        for kind in sorted(self.kinds, key=chances.get):
            if self._begin(kind):
                return

    def _begin(self, kind):
        part = self.PARTS[kind]
        with self._lock:
            if part in self._busy or (kind in self.ENDS_BRIDGE and "disk" in self._busy) or (
                    kind == "disk-full" and "bridge" in self._busy):
                return False
            self._busy.add(part)
            self.counts[kind] += 1
        chance = random.Random(self._random.random())
        thread = threading.Thread(target=self._work, args=(kind, part, chance), daemon=True)
        self._at_work.append(thread)
        thread.start()
        return True

    def _work(self, kind, part, chance):
        try:
            self._say(f"{kind} begins")
            getattr(self, "_" + kind.replace("-", "_"))(chance)
            self._say(f"{kind} is over")
        except Exception as error:
            self.stage.trouble.append(f"fault {kind}: {error!r}")
            raise
        finally:
            with self._lock:
                self._busy.discard(part)

    def _say(self, what):
        with self._lock, self.log.open("a") as log:
            now = time.strftime("%H:%M:%S", time.gmtime()) + f".{time.time() % 1:.3f}"[2:]
            log.write(f"{now} {time.monotonic() - self._began:8.3f} {what}\n")

    def _last(self, seconds):
        threading.Event().wait(seconds)  # a fault's own duration

    def _bridge_kill(self, _):
        self.stage.bridge.restart(signal.SIGKILL)

    def _bridge_stop(self, _):
        self.stage.bridge.restart(signal.SIGTERM)

    def _bridge_pause(self, chance):
        self._pause(self.stage.bridge, chance.uniform(0.5, 8))

    def _endpoint_kill(self, _):
        self.stage.endpoint.restart(signal.SIGKILL)

    def _endpoint_stop(self, _):
        self.stage.endpoint.restart(signal.SIGTERM)

    def _endpoint_pause(self, chance):
        self._pause(self.stage.endpoint, chance.uniform(*self.pauses))

    def _pause(self, program, seconds):
        program.send(signal.SIGSTOP)
        self._last(seconds)
        program.send(signal.SIGCONT)

    def _broker_kill(self, _):
        """Once all that was acknowledged to the publisher is on disk: mosquitto acknowledges before it writes."""
        broker, publisher = self.stage.broker, self.stage.publisher
        store = self.stage.folder / "broker" / "mosquitto.db"
        publisher.hold_breath(True)
        try:
            wait_until(publisher.quiet, "the publisher has nothing on its way", LONG)
            # Before it is so far, the signal that has it write would end it.
            wait_until(lambda: listens(self.stage.broker_port), "the broker listens")
            before = written(store)
            broker.send(signal.SIGUSR1)
            wait_until(lambda: written(store) != before, "the broker has written its store")
            broker.restart(signal.SIGKILL)
        finally:
            publisher.hold_breath(False)

    def _broker_crash(self, _):
        self.stage.broker.restart(signal.SIGKILL)

    def _broker_stop(self, _):
        self.stage.broker.restart(signal.SIGTERM)

    def _wire_fin(self, _):
        self.stage.endpoint_wire.finish()

    def _wire_rst(self, _):
        self.stage.endpoint_wire.reset()

    def _wire_hole(self, chance):
        self._hole(self.stage.endpoint_wire, chance)

    def _mqtt_fin(self, _):
        self.stage.mqtt_wire.finish()

    def _mqtt_rst(self, _):
        self.stage.mqtt_wire.reset()

    def _mqtt_hole(self, chance):
        self._hole(self.stage.mqtt_wire, chance)

    def _hole(self, wire, chance):
        wire.black_hole(True)
        self._last(chance.uniform(*self.holes))
        wire.black_hole(False)

    def _wire_slow(self, chance):
        self.stage.endpoint_wire.delay(chance.uniform(0.05, 0.5))
        self._last(chance.uniform(2, 8))
        self.stage.endpoint_wire.delay(0)

    def _wire_503(self, chance):
        self._answer(503, chance)

    def _wire_408(self, chance):
        self._answer(408, chance)

    def _answer(self, status, chance):
        self.stage.endpoint_wire.answer(
            f"HTTP/1.1 {status} {ANSWERS[status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        self._last(chance.uniform(0.5, 4))
        self.stage.endpoint_wire.answer(None)

    def _bridge_clock(self, chance):
        bridge, words = self.stage.bridge, "the wall clock was set"
        before = bridge.says(words)
        self._set(self.stage.bridge_clock, chance)
        wait_until(lambda: bridge.says(words) > before, "the bridge has seen that its clock was set", LONG)

    def _endpoint_clock(self, chance):
        self._set(self.stage.endpoint_clock, chance)

    def _set(self, clock, chance):
        """By more than a minute, and to a year before or behind the true time at most."""
        before = clock.seconds
        while abs(clock.seconds - before) < 2 * MINUTE:
            away = int(math.exp(chance.uniform(math.log(MINUTE), math.log(YEAR))))
            clock.set(chance.choice((-away, away)))
        self._say(f"a clock is set by {clock.seconds - before} s")

    def _disk_full(self, chance):
        if not self.stage.spool_disk:
            raise AssertionError("the spool has no disk of its own here")
        dropped, began = self._dropped(), [len(given.ids) for given in self.stage.given]
        filler = self.stage.folder / "spool" / "filler"
        with filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 65536) == 65536:
                    pass
            except OSError:
                pass
        self._last(chance.uniform(1, 6))
        filler.unlink()
        wait_until(lambda: self.stage.metrics().get("plotbridge_spool_degraded") == 0, "the spool works again", LONG)
        for stream, (before, after) in enumerate(zip(dropped, self._dropped())):
            if after != before:
                self.notices.append((stream, began[stream], len(self.stage.given[stream].ids), int(after - before)))
        self._wait_for_calm()

    def _dropped(self):
        """What the bridge says that it gave up for want of a disk, of each stream."""
        metrics = wait_until(self.stage.metrics, "the bridge tells its metrics", LONG)
        return [metrics.get(f'plotbridge_discarded_lines_total{{stream="s{n}",reason="spool_failed"}}', 0)
                for n in range(self.stage.streams)]

    def _wait_for_calm(self):
        """Until all that came before now is with the endpoint for good."""
        upto = list(self.stage.publisher.next_ids)
        endpoint = self.stage.endpoint
        while True:
            starts = endpoint.starts
            wait_until(lambda: self.stage.seen_all(upto), "what was in memory alone has arrived", LONG)
            self._last(CALM)
            if endpoint.starts == starts and endpoint.running() and self.stage.seen_all(upto):
                return

    def _spool_damage(self, chance):
        """A byte of a line's record is changed while the bridge is down; that line need not arrive."""
        bridge = self.stage.bridge
        bridge.kill()
        for stream, number in damage(self.stage.spool_folder(), self.stage.streams, chance):
            self.excused.setdefault(stream, set()).add(number)
        bridge.restarts += 1
        bridge.start()


def written(path):
    try:
        found = path.stat()
        return found.st_mtime_ns, found.st_ino
    except OSError:
        return None
