"""A publisher that invents names, topics and Sparkplug nodes without end, beside one real edge node: the bridge does not
grow, the real node's data keeps flowing, and its death is still a gap."""

import itertools
import socket
import struct
import unittest
from pathlib import Path

from sparkplug_test import metric, number, payload, varint
from support.bridge_test import BridgeTest
from support.waiting import wait_until

CONFIG = """
state_memory: 2MiB
log: {level: error}
streams:
  - {name: real, token: tokenreal1, time_format: unix_ms}
  - {name: rest, token: tokenrest1, queue: {capacity: 100}}
routes:
  - {topic: spBv1.0/plant/#, decode: {type: sparkplug}, stream: real}
  - {topic: "spBv1.0/#", decode: {type: sparkplug}, stream: rest}
  - {topic: "p/{id}", stream: rest, point: {y: $value, text: "{id} {id}"}}
"""
FLOOD = 16 << 20
REAL_EVERY = 500


class Publisher:
    """Publishes with QoS 0 as fast as the broker reads."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        client = b"\x00\x04MQTT\x04\x02\x00\x00\x00\x08inventor"
        self.socket.sendall(b"\x10" + varint(len(client)) + client)
        self.socket.recv(4)

    def publish(self, messages):
        packets = []
        for topic, content in messages:
            body = struct.pack("!H", len(topic)) + topic.encode() + content
            packets.append(b"\x30" + varint(len(body)) + body)
        self.socket.sendall(b"".join(packets))


def resident(daemon):
    for line in Path(f"/proc/{daemon.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) << 10
    raise AssertionError("no VmRSS")


def is_sanitized(daemon):
    """A sanitizer keeps what was freed."""
    return any(name in Path(f"/proc/{daemon.pid}/maps").read_text() for name in ("libasan", "libtsan"))


def invented():
    """Names of every kind, none of them twice."""
    for i in itertools.count():
        name = f"{i:07}"
        yield f"spBv1.0/x/NBIRTH/n{name}", payload(0, *(metric(1, f"m{k}", k) for k in range(5)))
        yield f"spBv1.0/x{name}/NDATA/n", payload(1, metric(1, alias=7))
        yield f"spBv1.0/x/DBIRTH/node/d{name}", payload(i % 256, metric(1, "m", i), at=2000 + i)
        yield "spBv1.0/x/NDATA/other", payload(i % 256, metric(1, f"metric {name}"), at=2000 + i)
        yield f"spBv1.0/x/NDEATH/u{name}", number(3, 0)
        yield f"p/{name}" + "t" * 300, b"1"
        yield f"p/{name}" + "t" * 3000, b"1"


class InventedNames(BridgeTest):
    def test_cost_bounded_memory_and_nobody_else(self):
        broker = self.start_broker()
        endpoint = self.start_endpoint()
        daemon = self.start_bridge(CONFIG, broker, endpoint)
        publisher = Publisher(broker.port)
        publisher.publish([("spBv1.0/plant/NBIRTH/n", payload(0, metric(0, "a", 1), at=1000))])
        endpoint.wait_for_lines("tokenreal1", 1)
        before = resident(daemon)
        names, sent, points = invented(), 0, 0
        while sent < FLOOD:
            messages = list(itertools.islice(names, REAL_EVERY))
            points += 1
            real = payload(points % 256, metric(points, alias=1, at=1000 + points), at=1000 + points)
            publisher.publish([*messages, ("spBv1.0/plant/NDATA/n", real)])
            sent += sum(len(topic) + len(content) for topic, content in messages)
        publisher.publish([("spBv1.0/plant/NDEATH/n", number(1, 5000))])
        lines = endpoint.wait_for_lines("tokenreal1", points + 2, seconds=60)
        self.assertEqual(lines[:-1], [f'{{"x":{1000 + i},"y":{i}}}' for i in range(points + 1)])
        self.assertIn('"y":null', lines[-1])
        self.assertLessEqual(daemon.metric("plotbridge_state_bytes"), 2 << 20)
        for kind in ("topic", "edge_node", "device"):
            self.assertGreater(daemon.metric("plotbridge_state_evictions_total", kind=kind), 100, kind)
        if not is_sanitized(daemon):
            self.assertLess(resident(daemon) - before, 10 << 20)


if __name__ == "__main__":
    unittest.main()
