#!/usr/bin/env python3
"""What a bridge of 1,000 streams keeps in memory while its endpoint is away and messages of QoS 1 go on coming.

usage: PLOTBRIDGE=build/release/plotbridge PYTHONPATH=tests python3 tests/bench/endpoint_away_bench.py [MESSAGES]
Prints resident memory and the spool's size, with a spool and without.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from support.daemon import Daemon
from support.mosquitto import Mosquitto
from support.waiting import free_port

STREAMS = 1_000
PUBLISHERS = 4


def memory_kb(pid, name):
    return int(Path(f"/proc/{pid}/status").read_text().split(f"{name}:")[1].split()[0])


def publish(broker, messages):
    """Messages to all streams in turn: mosquitto_pub has one topic, so one of a few streams at a time."""
    each = messages // STREAMS
    payloads = "".join(f"{20 + i % 7}.{i % 100:02}\n" for i in range(each)).encode()
    running = []
    for stream in range(STREAMS):
        command = ["mosquitto_pub", "-p", str(broker.port), "-t", f"plant/s{stream}", "-q", "1", "-l"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE)
        process.stdin.write(payloads)
        process.stdin.close()
        running.append(process)
        if len(running) >= PUBLISHERS:
            running.pop(0).wait()
    for process in running:
        process.wait()


def measure(messages, spooled):
    broker = Mosquitto().start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tokens = folder / "tokens.csv"
        tokens.write_text("name,token\n" + "".join(f"s{i},token{i:05}\n" for i in range(STREAMS)))
        tokens.chmod(0o600)
        admin_port = free_port()
        bridge = Daemon(f'version: 1\nbroker: {{url: "{broker.url}", client_id: bench}}\n'
                        f'endpoint: {{url: "http://127.0.0.1:{free_port()}", type: plotbridge}}\n'
                        f'admin: {{listen: "127.0.0.1:{admin_port}"}}\nlog: {{level: error}}\n'
                        + (f"spool: {{directory: {folder}/spool}}\n" if spooled else "") +
                        f'streams: [{{from_file: "{tokens}"}}]\n'
                        'routes: [{topic: "plant/{s}", decode: {type: number}, stream: "{s}"}]\n', admin_port=admin_port)
        try:
            bridge.wait_until_ready()
            before = memory_kb(bridge.pid, "VmRSS")
            began = time.monotonic()
            publish(broker, messages)
            while bridge.metric("plotbridge_mqtt_received_messages_total") < messages:
                time.sleep(0.2)
            seconds = time.monotonic() - began
            streams = bridge.status()["streams"]
            print(f"{'spool' if spooled else 'memory alone'}: {messages} messages in {seconds:.0f} s; resident "
                  f"{before / 1024:.1f} -> {memory_kb(bridge.pid, 'VmRSS') / 1024:.1f} MiB (most {memory_kb(bridge.pid, 'VmHWM') / 1024:.1f}); "
                  f"{sum(s['queued'] for s in streams)} lines in memory, {sum(s['spooled'] for s in streams)} on disk alone, "
                  f"{bridge.metric('plotbridge_discarded_lines_total'):.0f} dropped; "
                  f"spool {bridge.metric('plotbridge_spool_bytes') / 2**20:.1f} MiB", flush=True)
        finally:
            bridge.stop()
            bridge.close()
    broker.close()


def main():
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    measure(messages, True)
    measure(messages, False)


if __name__ == "__main__":
    main()
