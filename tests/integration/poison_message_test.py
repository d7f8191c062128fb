"""A message that would become a thousand times its size is counted, logged and acknowledged: it does not come back in
a persistent session, memory stays where it was, and the next message flows."""

import gzip
import struct
import tempfile
import unittest
import zlib
from pathlib import Path

from support.bridge_test import BridgeTest
from support.daemon import PROGRAM

CONFIG = """
streams:
  - {name: boiler, token: tokenboilr}
routes:
  - {topic: "spBv1.0/#", decode: {type: sparkplug}, stream: boiler}
  - {topic: rows, decode: {type: csv, columns: [v], compression: zlib}, point: {y: v}, stream: boiler}
  - {topic: plain, decode: {type: number}, point: {y: $value}, stream: boiler}
"""
MIB = 1 << 20


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def number(number, n):
    return varint(number << 3) + varint(n)


def birth_with_bits(size):
    """A compressed birth whose BooleanArray has 8 bits for each of `size` bytes."""
    array = struct.pack("<I", size * 8) + bytes(size)
    metric = field(1, b"flags") + number(3, 1) + number(4, 32) + field(16, array)
    inner = number(1, 1) + field(2, metric) + number(3, 0)
    return number(1, 1) + number(3, 0) + field(4, b"SPBV1.0_COMPRESSED") + field(5, zlib.compress(inner, 9))


def memory(daemon, key):
    for line in Path(f"/proc/{daemon.pid}/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) * 1024
    raise AssertionError(key)


TEXTS = 15
PROTO = ("syntax = \"proto3\"; message M { repeated E elements = 1; bytes rest = 2; } message V {}\n"
         "message E { " + "".join(f"repeated string s{i} = {i + 1}; " for i in range(TEXTS)) +
         "repeated V empty = 40; map<string, int32> entries = 41; }\n")


def message_of_many_blocks():
    """16 MiB in less than one: texts that grow, and elements and keys that are small blocks of memory."""
    elements = [field(i + 1, b"\1" * 166_000) for i in range(TEXTS)]
    elements.append(field(40, b"") * 131_073 + b"".join(field(41, field(1, b"%x" % i)) for i in range(60_000)))
    payload = b"".join(field(1, element) for element in elements)
    return gzip.compress(payload + field(2, bytes(16 * MIB - len(payload) - 100)), 9)


class PoisonMessage(BridgeTest):
    def check(self, version):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        keys = {"broker_keys": f', client_id: gateway-7, mqtt_version: "{version}"'}
        daemon = self.start_bridge(CONFIG, broker, endpoint, **keys)
        broker.publish("plain", "1")
        endpoint.wait_for_lines("tokenboilr", 1)
        idle = memory(daemon, "VmRSS")
        broker.publish("spBv1.0/G/NBIRTH/E", birth_with_bits(14 * MIB))
        broker.publish("rows", zlib.compress(b"1\n" * (7 * MIB), 9))
        broker.publish("plain", *range(1000))
        self.assertIn('{"y":999}', endpoint.wait_for_lines("tokenboilr", 1001)[-1])
        self.assertEqual(daemon.metric("plotbridge_decode_errors_total", error="line_too_long"), 1)
        self.assertEqual(daemon.metric("plotbridge_decode_errors_total", error="too_many_points"), 1)
        daemon.wait_for_log("line_too_long")
        daemon.wait_for_log("decode.max_points")
        if "san/" not in PROGRAM:  # a sanitizer keeps what was freed
            self.assertLess(memory(daemon, "VmHWM") - idle, 64 * MIB)
            self.assertLess(memory(daemon, "VmRSS") - idle, 8 * MIB)
        self.assertEqual(daemon.stop(), 0)
        # Nothing of it is left in the session.
        daemon = self.start_bridge(CONFIG, broker, endpoint, **keys)
        broker.publish("plain", "7777")
        endpoint.wait(lambda: any("7777" in line for line in endpoint.lines("tokenboilr")), "the next message")
        self.assertEqual(daemon.metric("plotbridge_decode_errors_total"), 0)

    def test_leaves_no_memory_in_pieces_however_often_it_comes(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        (Path(folder.name) / "m.proto").write_text(PROTO)
        fields = ", ".join(f"k{i}: {{field: s{i}, default: 0}}" for i in range(TEXTS))
        config = (f"schemas: [{{proto: {folder.name}/m.proto}}]\n{CONFIG}"
                  "  - topic: elements\n    stream: boiler\n    when: {field: s0, equals: nothing}\n"
                  "    decode: {type: protobuf, message: M, each: elements, compression: gzip}\n"
                  f"    point: {{{fields}, e: {{field: empty, default: 0}}, m: {{field: entries, default: 0}}}}\n")
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(config, broker, endpoint)
        broker.publish("plain", *range(1000))
        endpoint.wait_for_lines("tokenboilr", 1000)
        idle = memory(daemon, "VmRSS")
        payload = message_of_many_blocks()
        for times in range(1, 9):
            broker.publish("elements", payload)
            broker.publish("plain", *range(1000))
            endpoint.wait_for_lines("tokenboilr", 1000 * (times + 1))
        if "san/" not in PROGRAM:
            self.assertLess(memory(daemon, "VmRSS") - idle, 8 * MIB)

    def test_does_not_come_back_by_mqtt_5(self):
        self.check("5")

    def test_does_not_come_back_by_mqtt_3_1_1(self):
        self.check("3.1.1")


if __name__ == "__main__":
    unittest.main()
