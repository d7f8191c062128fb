"""CSV rows, raw bytes, packed batches and filtered points on their way from a real broker to the endpoint, and what
`plotbridge try` says of the same payloads."""

import gzip
import os
import struct
import subprocess
import tempfile
import unittest

from support.bridge_test import BridgeTest

PROTO = """
syntax = "proto3";
package plant.v1;
import "google/protobuf/timestamp.proto";
enum State { UNKNOWN = 0; RUNNING = 1; }
message Sample { double temp = 1; }
message Telemetry {
  google.protobuf.Timestamp at = 1;
  State state = 2;
  repeated Sample samples = 3;
}
"""

CONFIG = """
streams:
  - {name: csv, token: tokencsv01, time_format: unix_ms}
  - {name: plc, token: tokenplc01}
  - {name: batch, token: tokenbatch, time_format: iso8601}
routes:
  - topic: logger/+
    decode: {type: csv, columns: [time, temp, state], delimiter: ";", timestamp: {field: time, unit: unix_s}}
    point: {x: $timestamp, y: temp, s: {field: state, map: {RUNNING: 1, IDLE: 0}, default: -1}}
    when: {field: temp, above: 0}
    stream: csv
  - topic: plc/+
    decode: {type: binary, endian: big, fields: [{name: temp, type: i16, scale: 0.1, offset: -40},
             {name: alarm, type: bits, at: 2.7}]}
    point: {y: temp, alarm: alarm}
    deadband: {absolute: 0.5}
    stream: plc
  - topic: gateway/+
    decode: {type: json, compression: auto, each: samples, timestamp: {field: ts, unit: iso8601}}
    point: {x: $timestamp, y: {field: raw, scale: 0.1}, unit: unit}
    stream: batch
"""


def field(number, payload):
    """A length-delimited field of a protobuf message."""
    return bytes([number << 3 | 2, len(payload)]) + payload


class PayloadFormats(BridgeTest):
    def test_protobuf_messages_need_only_their_proto_file(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        proto = os.path.join(folder.name, "plant.proto")
        with open(proto, "w", encoding="utf-8") as file:
            file.write(PROTO)
        daemon = self.start_bridge(
            f"schemas: [{{proto: {proto}}}]\n"
            "streams: [{name: press, token: tokenpress, time_format: unix_ms}]\n"
            "routes: [{topic: 'press/+', decode: {type: protobuf, message: Telemetry, each: samples},"
            " point: {x: at, y: temp, s: state}, stream: press}]", broker, endpoint)
        message = (field(1, b"\x08\xb9\x60") + b"\x10\x01" + field(3, b"\x09" + struct.pack("<d", 21.5)) +
                   field(3, b""))
        broker.publish("press/1", message)
        self.assertEqual(endpoint.wait_for_lines("tokenpress", 2),
                         ['{"x":12345000,"y":21.5,"s":"RUNNING"}', '{"x":12345000,"y":0,"s":"RUNNING"}'])
        broker.publish("press/1", message[:-1])
        broker.publish("press/1", message)
        endpoint.wait_for_lines("tokenpress", 4)
        self.assertEqual(daemon.metric("plotbridge_decode_errors_total", error="protobuf"), 1)
        self.assertIn("expected the rest of a number at byte 19", daemon.wait_for_log("not decoded.*").string)

    def test_each_becomes_the_lines_a_person_would_expect(self):
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(CONFIG, broker, endpoint)
        broker.publish("logger/1", "1795452000.5;21.50;RUNNING\r\n1795452001;-3;IDLE\r\n1795452002;22;OFF\r\n")
        self.assertEqual(endpoint.wait_for_lines("tokencsv01", 2),
                         ['{"x":1795452000500,"y":21.50,"s":1}', '{"x":1795452002000,"y":22,"s":-1}'])
        for raw in (2731, 2733, 2740):
            broker.publish("plc/1", struct.pack(">hB", raw, 0x80))
        self.assertEqual(endpoint.wait_for_lines("tokenplc01", 2), ['{"y":233.1,"alarm":1}', '{"y":234,"alarm":1}'])
        batch = b'{"unit":"bar","samples":[{"ts":"2026-11-23T16:40:00+01:00","raw":5},{"ts":"x","raw":6},' \
                b'{"ts":"2026-11-23 16:00","raw":7,"unit":"mbar"}]}'
        broker.publish("gateway/1", gzip.compress(batch))
        self.assertEqual(endpoint.wait_for_lines("tokenbatch", 2),
                         ['{"x":"2026-11-23T15:40:00.000Z","y":0.5,"unit":"bar"}',
                          '{"x":"2026-11-23T16:00:00.000Z","y":0.7,"unit":"mbar"}'])
        self.assertEqual(daemon.metric("plotbridge_decode_errors_total", error="not_a_time"), 1)
        self.assertEqual(daemon.metric("plotbridge_filtered_points_total", route="logger/+", by="when"), 1)
        self.assertEqual(daemon.metric("plotbridge_filtered_points_total", route="plc/+", by="deadband"), 1)


class Try(unittest.TestCase):
    """The command needs neither broker nor endpoint."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.config = os.path.join(folder.name, "c.yaml")
        self.payload = os.path.join(folder.name, "payload")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f"version: 1\nbroker: {{url: \"mqtt://127.0.0.1:1\"}}\n{CONFIG}")

    def try_message(self, topic, payload, from_file=False):
        with open(self.payload, "wb") as file:
            file.write(payload)
        source = ["--payload", self.payload] if from_file else []
        return subprocess.run([os.environ["PLOTBRIDGE"], "try", "-c", self.config, "--topic", topic, *source],
                              input=b"" if from_file else payload, capture_output=True, timeout=30, check=False)

    def assert_nothing(self, topic, payload, reason):
        result = self.try_message(topic, payload)
        self.assertEqual((result.returncode, result.stdout), (1, b""))
        self.assertIn(reason, result.stderr.decode())

    def test_shows_the_lines_it_would_write(self):
        for from_file in (False, True):
            result = self.try_message("logger/1", b"1;2.50;IDLE\n2;3;IDLE\n", from_file)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(result.stdout, b'csv\t{"x":1000,"y":2.50,"s":0}\ncsv\t{"x":2000,"y":3,"s":0}\n')

    def test_says_why_nothing(self):
        self.assert_nothing("elsewhere", b"1", "no route takes this topic")
        self.assert_nothing("logger/1", b"1;-2;IDLE", "filtered by `when`: field temp")
        self.assert_nothing("logger/1", b'1;"2', "expected the quote")
        self.assert_nothing("plc/1", b"\x00", "expected 3 bytes, up to the end of field `alarm`")
        self.assert_nothing("gateway/1", b'{"samples":[', "expected a value at byte 12")
        self.assert_nothing("gateway/1", b'{"samples":[{"ts":"2026-11-23","row":1}],"unit":"bar"}',
                            "no field raw, and the point no default for it; it has samples[0].ts, samples[0].row, unit")
        self.assert_nothing("gateway/1", b'{"samples":[]}', "no element")

    def test_a_payload_that_cannot_be_read_is_told(self):
        for payload, why in (("/nowhere", "No such file"), ("/", "Is a directory"),
                             ("/dev/zero", "more than 1048576 bytes (broker.max_payload)")):
            result = subprocess.run([os.environ["PLOTBRIDGE"], "try", "-c", self.config, "--topic", "plc/1", "--payload",
                                     payload], capture_output=True, timeout=30, check=False)
            self.assertEqual(result.returncode, 1, payload)
            self.assertIn(why, result.stderr.decode())


if __name__ == "__main__":
    unittest.main()
