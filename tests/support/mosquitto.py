"""A mosquitto of the test's own, and publishing to it."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from support.waiting import PATIENCE, free_port, listens, wait_until


class Mosquitto:
    """Listens on a free port of loopback once `start` returned. `stop` and `start` keep port and folder; with
    `persistence` its sessions survive them. `extra` are further lines of mosquitto.conf."""

    def __init__(self, persistence=False, extra=""):
        self.port = free_port()
        self.url = f"mqtt://127.0.0.1:{self.port}"
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        folder.chmod(0o777)  # started by root, mosquitto becomes a user of its own
        self._config = folder / "mosquitto.conf"
        self._log_path = folder / "mosquitto.log"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\n"
            "allow_anonymous true\n"
            "max_queued_messages 0\n"  # the tests are about the bridge's losses, not the broker's
            f"persistence {'true' if persistence else 'false'}\n"
            f"persistence_location {folder}/\n"
            "log_dest stderr\nlog_type all\n" + extra
        )
        self._process = None

    def start(self):
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen([program, "-c", str(self._config)], stdout=log, stderr=log)
        wait_until(lambda: self._process.poll() is not None or listens(self.port), "mosquitto listens")
        if self._process.poll() is not None:
            raise AssertionError(f"mosquitto ended:\n{self.log()}")
        return self

    def stop(self):
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=PATIENCE)
            self._process = None

    def close(self):
        self.stop()
        self._folder.cleanup()

    def log(self):
        return self._log_path.read_text(errors="replace")

    def publish(self, topic, *payloads, qos=1, retain=False):
        """Publishes the payloads in order; with QoS 1 the broker has them all on return. A payload is a text
        without newlines, or anything when it is the only one."""
        payloads = [p if isinstance(p, bytes) else str(p).encode() for p in payloads]
        how = ["-s"] if len(payloads) == 1 else ["-l"]
        subprocess.run(self._command(topic, qos, retain, how), input=b"\n".join(payloads), check=True,
                       timeout=PATIENCE)

    def publish_paced(self, topic, payloads, per_second, qos=0):
        """The same at a steady pace, on one connection."""
        process = subprocess.Popen(self._command(topic, qos, False, ["-l"]), stdin=subprocess.PIPE)
        began = time.monotonic()
        for i, payload in enumerate(payloads):
            ahead = began + i / per_second - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)  # the pace itself, not a wait for somebody
            process.stdin.write(f"{payload}\n".encode())
            process.stdin.flush()
        process.stdin.close()
        if process.wait(timeout=PATIENCE) != 0:
            raise AssertionError("mosquitto_pub failed")

    def _command(self, topic, qos, retain, how):
        return ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(self.port), "-V", "5", "-t", topic, "-q", str(qos),
                *(["-r"] if retain else []), *how]
