"""Follows the endpoint's page as a browser does, and so knows every value that the application has, in order."""

import http.client
import json
import threading

from soak.judge import CORRUPT

WINDOW = 10000  # the most that a plot keeps of a stream


class Observer(threading.Thread):
    """`values[s]` grows. What an endpoint that was killed had not yet written is taken back: `taken_back` counts it,
    and `surprises` tells what is no endpoint's right. `starts()` counts the endpoint's starts."""

    def __init__(self, port, plot, streams, starts):
        super().__init__(daemon=True)
        self.values = [[] for _ in range(streams)]
        self.taken_back = 0
        self.windows = 0  # looks that began anew
        self.surprises = []
        self._port, self._plot, self._starts = port, plot, starts
        self._seen_start = 0  # of the endpoint, whose window was seen last
        self._over = threading.Event()
        self._answer = None

    def finish(self):
        self._over.set()
        self.join()

    def run(self):
        while not self._over.is_set():
            try:
                self._follow()
            except (OSError, http.client.HTTPException, ValueError):
                self._over.wait(0.1)

    def _follow(self):
        start = self._starts()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=3)
        try:
            connection.request("GET", f"/api/plots/{self._plot}/events")
            answer = connection.getresponse()
            if answer.status != 200:
                raise ValueError(f"status {answer.status}")
            event = None
            while not self._over.is_set():
                line = answer.readline()
                if not line.endswith(b"\n"):
                    raise ValueError("cut")
                if line.startswith(b"event: "):
                    event = line[7:-1]
                elif line.startswith(b"data: "):
                    if event == b"window":
                        self._take_window(json.loads(line[6:])["traces"], start)
                    elif event == b"points":
                        self._take_points(json.loads(line[6:]).get("traces", {}))
        finally:
            connection.close()

    def _take_points(self, traces):
        for number, trace in traces.items():
            column = trace.get("append", {}).get("y", [])
            self.values[int(number)].extend(map(as_id, column))
            if set(trace) - {"append"}:
                self.surprises.append(f"stream {number}: a frame with {sorted(trace)}")

    def _take_window(self, traces, start):
        self.windows += 1
        for number, trace in enumerate(traces):
            self._merge(number, list(map(as_id, trace.get("columns", {}).get("y", []))), start)
        self._seen_start = start

    def _merge(self, number, window, start):
        values = self.values[number]
        at = place_of(window, values)
        if at is None:
            self.surprises.append(f"stream {number}: a window that does not continue what was seen; "
                                  f"seen {len(values)} to {values[-1:]}, then {window[:1]} to {window[-1:]}")
            values.extend(window)
            return
        back = len(values) - at - len(window)
        if back > 0:
            self.taken_back += back
            if start == self._seen_start:
                self.surprises.append(f"stream {number}: {back} values taken back without a restart")
            del values[-back:]
        else:
            values.extend(window[len(values) - at:])


def as_id(value):
    return value if type(value) is int else CORRUPT


def place_of(window, values):
    """Where in `values` the window begins, so that both say the same; None: nowhere."""
    if len(window) < WINDOW:
        return 0 if window[:len(values)] == values[:len(window)] else None
    at = max(0, len(values) - 3 * WINDOW)
    while True:
        try:
            at = values.index(window[0], at)
        except ValueError:
            return None
        known = len(values) - at
        if window[:known] == values[at:at + len(window)]:
            return at
        at += 1
