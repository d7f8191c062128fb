"""A program's wall clock, which can be set while it runs and stays as it is over its restarts; its other clocks go on."""

import glob
import os
from pathlib import Path

LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
TRUE_TIMERS = Path(os.environ.get("PLOTBRIDGE_TRUE_TIMERS", "build/dev/tests/libtrue_timers.so")).resolve()


class Clock:
    """`seconds` is how far it is ahead of the true one."""

    NOTICED = 1  # seconds after which the library looks at the file again

    def __init__(self, path):
        self.seconds = 0
        self._path = path
        self.set(0)

    def set(self, seconds):
        self.seconds = seconds
        # In one piece, at the place where it was: the library reads it at any moment.
        with open(self._path, "r+" if self._path.exists() else "w", encoding="ascii") as file:
            file.write(f"{seconds:+d}".ljust(16) + "\n")

    def environment(self):
        """For the program; empty where a library is missing, so that its clock is the true one."""
        libraries = glob.glob(LIBRARY)
        if not libraries or not TRUE_TIMERS.exists():
            return {}
        return {"LD_PRELOAD": f"{TRUE_TIMERS}:{libraries[0]}", "FAKETIME_TIMESTAMP_FILE": str(self._path),
                "FAKETIME_CACHE_DURATION": str(self.NOTICED), "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
