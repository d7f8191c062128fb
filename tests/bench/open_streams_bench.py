#!/usr/bin/env python3
"""How long a bridge takes to open many streams, and what each keeps in memory, endpoint and broker beside it.

usage: PLOTBRIDGE=build/release/plotbridge PYTHONPATH=tests python3 tests/bench/open_streams_bench.py [STREAMS]
Prints medians of 5 runs; the reference is the same bridge with 100 streams.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from support.daemon import Daemon, parse_metrics, get
from support.mosquitto import Mosquitto
from support.waiting import free_port

RUNS = 5
REFERENCE = 100


def resident_kb(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


def open_streams(admin_port):
    status, text = get(f"http://127.0.0.1:{admin_port}/metrics")
    samples = parse_metrics(text) if status == 200 else {}
    return sum(value for name, value in samples.items()
               if name.startswith("plotbridge_stream_state") and value == 1
               and ('state="live"' in name or 'state="probation"' in name))


def measure(streams, broker, folder):
    """Seconds until all are open, resident kB of the bridge."""
    tokens = folder / "tokens.csv"
    tokens.write_text("name,token\n" + "".join(f"s{i},token{i:05}\n" for i in range(streams)))
    tokens.chmod(0o600)
    port, admin_port = free_port(), free_port()
    endpoint = Daemon(command=("serve", "--listen", f"127.0.0.1:{port}"))
    endpoint.wait_for_log("listens|serves")
    bridge = Daemon(f'version: 1\nbroker: {{url: "{broker.url}"}}\n'
                    f'endpoint: {{url: "http://127.0.0.1:{port}", type: plotbridge}}\n'
                    f'admin: {{listen: "127.0.0.1:{admin_port}"}}\nlog: {{level: error}}\n'
                    f'streams: [{{from_file: "{tokens}"}}]\n'
                    'routes: [{topic: "plant/{s}", decode: {type: number}, stream: "{s}"}]\n', admin_port=admin_port)
    try:
        began = time.monotonic()
        bridge.wait_until_ready()
        while open_streams(admin_port) < streams:
            if time.monotonic() > began + 120:
                raise SystemExit(f"only {open_streams(admin_port)} of {streams} streams opened")
        return time.monotonic() - began, resident_kb(bridge.pid)
    finally:
        bridge.stop()
        bridge.close()
        endpoint.stop()
        endpoint.close()


def main():
    streams = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    broker = Mosquitto().start()
    with tempfile.TemporaryDirectory() as folder:
        few = [measure(REFERENCE, broker, Path(folder)) for _ in range(RUNS)]
        many = [measure(streams, broker, Path(folder)) for _ in range(RUNS)]
    broker.close()
    seconds = statistics.median(s for s, _ in many)
    each = (statistics.median(kb for _, kb in many) - statistics.median(kb for _, kb in few)) / (streams - REFERENCE)
    print(f"{streams} streams: all open after {seconds:.2f} s (to the answer of /metrics that shows it), "
          f"{each:.1f} kB each")
    print(f"{REFERENCE} streams: {statistics.median(kb for _, kb in few) / 1024:.1f} MiB in all")


if __name__ == "__main__":
    main()
