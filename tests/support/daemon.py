"""The program as a process: started with a configuration, read from outside, ended in good order."""

import json
import os
import re
import shlex
import signal
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request
from pathlib import Path

from support.waiting import PATIENCE, wait_until

PROGRAM = os.environ.get("PLOTBRIDGE", "build/dev/plotbridge")


def get(url, headers=None):
    """Status and text of a GET, whatever the status is."""
    try:
        request = urllib.request.Request(url, headers=headers or {})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def parse_metrics(text):
    """{'name{label="value"}': number} of a Prometheus text."""
    samples = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            samples[name] = float(value)
    return samples


class Daemon:
    """One run of the program. `admin_port` is where the configuration puts its admin, if the test asks it."""

    def __init__(self, config=None, admin_port=None, command=("run",), arguments=(), environment=None):
        self._folder = tempfile.TemporaryDirectory()
        self.config_path = Path(self._folder.name) / "plotbridge.yaml"
        self.admin_port = admin_port
        self._admin = f"http://127.0.0.1:{admin_port}"
        self._lines = []
        self._grown = threading.Condition()
        argv = [PROGRAM, *command]
        if config is not None:
            self.config_path.touch(mode=0o600)  # tokens are in it
            self.config_path.write_text(config)
            argv += ["-c", str(self.config_path)]
        self._process = subprocess.Popen(
            [*argv, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stderr:
            with self._grown:
                self._lines.append(line.decode(errors="replace").rstrip("\n"))
                self._grown.notify_all()
        with self._grown:
            self._grown.notify_all()

    def log(self):
        with self._grown:
            return "\n".join(self._lines)

    def wait_for_log(self, pattern, seconds=PATIENCE):
        """The match of the first line of the log, old or new, that `pattern` is found in."""
        def found():
            return next((m for line in self._lines if (m := re.search(pattern, line))), None)

        with self._grown:
            if not self._grown.wait_for(found, seconds):
                text = "\n".join(self._lines)
                raise AssertionError(f"no log line with /{pattern}/ in {seconds:g} s; the log is\n{text}")
            return found()

    def changes(self, stream):
        """The log's lines on the states of a stream, in order, each {"from": ..., "to": ..., "why": ..., "hint": ...}."""
        with self._grown:
            lines = [line for line in self._lines if f" stream={stream} " in line and "stream changed" in line]
        return [dict(word.split("=", 1) for word in shlex.split(line) if "=" in word) for line in lines]

    def wait_for_change(self, stream, to):
        """The newest of `changes`, once it is one to this state. /status knows it a moment before the log."""
        def newest():
            changes = self.changes(stream)
            return changes and changes[-1]["to"] == to and changes[-1]

        return wait_until(newest, f"the log says that {stream} is {to}")

    def get(self, path):
        """Status and text of an admin path."""
        return get(self._admin + path)

    def status(self):
        return json.loads(self.get("/status")[1])

    def stream(self, name):
        """One stream's entry in /status."""
        return next(stream for stream in self.status()["streams"] if stream["name"] == name)

    def metrics(self):
        return parse_metrics(self.get("/metrics")[1])

    def metric(self, name, **labels):
        """The sum of the samples with this name and at least these labels; 0 when there is none."""
        total = 0.0
        for sample, value in self.metrics().items():
            if sample.split("{")[0] == name and all(f'{key}="{label}"' in sample for key, label in labels.items()):
                total += value
        return total

    def ready(self):
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            if not self.running():
                raise AssertionError(f"the program ended with {self._process.returncode}:\n{self.log()}") from None
            return False

    def wait_until_ready(self):
        wait_until(self.ready, "/readyz says 200")
        return self

    def running(self):
        return self._process.poll() is None

    def hang_up(self):
        """Sends SIGHUP: what stands by or is parked is tried again."""
        self._process.send_signal(signal.SIGHUP)

    def terminate(self):
        """Sends SIGTERM and returns at once."""
        self._process.terminate()

    def wait(self, seconds=PATIENCE):
        """The exit code, once all of the log is read."""
        code = self._process.wait(timeout=seconds)
        self._reader.join(timeout=seconds)
        return code

    def stop(self):
        """SIGTERM, then the exit code."""
        if self.running():
            self.terminate()
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"SIGTERM did not end the program; the log is\n{self.log()}") from None

    def kill(self):
        """kill -9."""
        self._process.kill()
        self.wait()

    def close(self):
        if self.running():
            self.kill()
        self._process.stderr.close()
        self._folder.cleanup()
