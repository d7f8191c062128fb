"""A program that is ended and started again: its log goes on in one file, and what it took of memory is remembered."""

import os
import signal
import subprocess
import threading
import time

PATIENCE = 60.0  # for an end that was asked for
YOUNG = 1.0  # a program that was just started may not have got so far as to take a signal


class Program:
    """`ends_badly` are exits that nobody asked for; `restarts` those that somebody did."""

    def __init__(self, name, argv, folder, environment=None):
        self.name = name
        self.log_path = folder / f"{name}.log"
        self.restarts, self.starts = 0, 0
        self.ends_badly = []
        self.peak_kb = 0
        self._argv = [str(word) for word in argv]
        self._environment = {**os.environ, **(environment or {})}
        self._process, self._started_at = None, 0.0
        self._lock = threading.RLock()

    def start(self):
        with self._lock, self.log_path.open("ab") as log:
            log.write(f"--- start {self.starts}\n".encode())
            log.flush()
            self._process = subprocess.Popen(self._argv, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                             env=self._environment)
            self.starts += 1
            self._started_at = time.monotonic()
        return self

    def kill(self):
        """kill -9, and nothing of it is left on return."""
        self._end(signal.SIGKILL)

    def stop(self):
        """SIGTERM; anything but 0 is an end that went badly."""
        return self._end(signal.SIGTERM)

    def restart(self, how):
        with self._lock:
            self._end(how)
            self.restarts += 1
            self.start()

    def send(self, number):
        with self._lock:
            if self._process and self._process.poll() is None:
                self._process.send_signal(number)

    def running(self):
        with self._lock:
            return self._process is not None and self._process.poll() is None

    def look(self):
        """Notes the memory, and starts a program again that ended by itself."""
        with self._lock:
            if self._process is None:
                return
            code = self._process.poll()
            if code is not None:
                self.ends_badly.append(f"{self.name} ended by itself with {code}")
                self.start()
            self._measure()

    def says(self, words):
        """How often its log has them."""
        return self.log_path.read_bytes().count(words.encode())

    def _end(self, how):
        with self._lock:
            process, self._process = self._process, None
            if process is None:
                return None
            if process.poll() is not None:
                self.ends_badly.append(f"{self.name} ended by itself with {process.returncode}")
                return process.returncode
            self._process = process
            self._measure()
            self._process = None
            process.send_signal(how)
            try:
                code = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                self.ends_badly.append(f"{self.name} did not end within {PATIENCE:g} s of SIGTERM")
                return None
            young = time.monotonic() - self._started_at < YOUNG and code == -signal.SIGTERM
            if how == signal.SIGTERM and code != 0 and not young:
                self.ends_badly.append(f"{self.name} ended with {code} after SIGTERM")
            return code

    def _measure(self):
        try:
            with open(f"/proc/{self._process.pid}/status", encoding="ascii", errors="replace") as status:
                for line in status:
                    if line.startswith("VmHWM:"):
                        self.peak_kb = max(self.peak_kb, int(line.split()[1]))
        except OSError:
            pass  # it has just ended
