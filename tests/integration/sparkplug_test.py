"""A Sparkplug edge node's life at a real broker: births give names, data comes by alias, a death is a gap, and a bridge
that missed the birth asks for one."""

import json
import struct
import subprocess
import tempfile
import unittest

from support.bridge_test import BridgeTest
from support.waiting import wait_until

CONFIG = """
streams:
  - {name: line1.temp, token: tokentemp1, time_format: unix_ms}
  - {name: line1.level, token: tokenlevel, time_format: unix_ms}
  - {name: all, token: tokenall01, time_format: unix_ms}
routes:
  - topic: spBv1.0/plant/#
    decode: {type: sparkplug, metrics: [temp, level], host: active}
    stream: "{edge_node}.{metric}"
  - topic: spBv1.0/+/DDATA/#
    decode: {type: sparkplug}
    point: {x: $timestamp, y: $value, text: "{group} {edge_node} {device} {metric}", m: $metric}
    stream: all
"""


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def text(field, value):
    return varint(field << 3 | 2) + varint(len(value)) + value


def metric(value, name=None, alias=None, at=1000):
    content = text(1, name.encode()) if name else b""
    if alias is not None:
        content += number(2, alias)
    content += number(3, at) + number(4, 10) + varint(13 << 3 | 1) + struct.pack("<d", value)
    return text(2, content)


def payload(seq, *metrics, at=1000):
    return number(1, at) + b"".join(metrics) + (number(3, seq) if seq is not None else b"")


def bd_seq(value):
    return text(2, text(1, b"bdSeq") + number(4, 8) + number(11, value))


class Sparkplug(BridgeTest):
    def setUp(self):
        self.broker, self.endpoint = self.start_broker(), self.start_endpoint()

    def birth(self, at=1000):
        self.broker.publish("spBv1.0/plant/NBIRTH/line1",
                            payload(0, bd_seq(1), metric(20, "temp", 0, at), metric(1, "level", 1, at), at=at), qos=0)

    def test_births_name_data_and_deaths_are_gaps(self):
        daemon = self.start_bridge(CONFIG, self.broker, self.endpoint)
        self.birth()
        self.broker.publish("spBv1.0/plant/DBIRTH/line1/pump", payload(1, metric(5, "rpm", 2), at=1001), qos=0)
        self.broker.publish("spBv1.0/plant/DDATA/line1/pump", payload(2, metric(7, alias=2, at=3000), at=1002), qos=0)
        self.broker.publish("spBv1.0/plant/NDATA/line1",
                            payload(3, metric(21.5, alias=0, at=2000), metric(2, alias=1, at=2000), at=1003), qos=0)
        self.assertEqual(self.endpoint.wait_for_lines("tokentemp1", 2), ['{"x":1000,"y":20}', '{"x":2000,"y":21.5}'])
        self.assertEqual(self.endpoint.wait_for_lines("tokenlevel", 2), ['{"x":1000,"y":1}', '{"x":2000,"y":2}'])
        self.assertEqual(self.endpoint.wait_for_lines("tokenall01", 1),
                         ['{"x":3000,"y":7,"text":"plant line1 pump rpm","m":"rpm"}'])
        self.broker.publish("spBv1.0/plant/NDEATH/line1", payload(None, bd_seq(1)), qos=0)
        for token, count in (("tokentemp1", 3), ("tokenlevel", 3), ("tokenall01", 2)):
            self.assertIn('"y":null', self.endpoint.wait_for_lines(token, count)[-1])
        self.assertEqual(daemon.metric("plotbridge_decode_errors_total"), 0)

    def test_names_are_known_right_after_a_restart(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        config = f"spool: {{directory: {folder.name}}}\n" + CONFIG.replace(", host: active", "")
        daemon = self.start_bridge(config, self.broker, self.endpoint)
        self.birth()
        self.endpoint.wait_for_lines("tokentemp1", 1)
        self.assertEqual(daemon.stop(), 0)
        daemon = self.start_bridge(config, self.broker, self.endpoint)
        self.broker.publish("spBv1.0/plant/NDATA/line1", payload(9, metric(33, alias=0, at=4000), at=4000), qos=0)
        self.assertEqual(self.endpoint.wait_for_lines("tokentemp1", 2)[-1], '{"x":4000,"y":33}')
        self.assertEqual(daemon.metric("plotbridge_decode_errors_total"), 0)

    def test_a_primary_host_says_when_it_is_there(self):
        config = CONFIG.replace("host: active", "host: primary, host_id: scada")
        daemon = self.start_bridge(config, self.broker, self.endpoint)
        wait_until(lambda: self.state()["online"], "it is there")
        self.broker.publish("spBv1.0/STATE/scada", '{"online":false,"timestamp":1}', retain=True)
        wait_until(lambda: self.state()["online"], "it is put right")
        daemon.close()
        wait_until(lambda: not self.state()["online"], "the will says it")
        daemon = self.start_bridge(config, self.broker, self.endpoint)
        wait_until(lambda: self.state()["online"], "it is there again")
        self.assertEqual(daemon.stop(), 0)
        self.assertFalse(self.state()["online"])

    def state(self):
        """What the broker keeps as the host's state."""
        told = subprocess.run(["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.broker.port), "-t",
                               "spBv1.0/STATE/scada", "-C", "1", "-W", "10"], capture_output=True, timeout=30, check=True)
        return json.loads(told.stdout)

    def test_a_bridge_that_missed_the_birth_asks_for_it_once(self):
        listener = subprocess.Popen(
            ["mosquitto_sub", "-h", "127.0.0.1", "-p", str(self.broker.port), "-t", "spBv1.0/plant/NCMD/#", "-C", "1",
             "-W", "30", "-F", "%t %x"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(listener.kill)
        daemon = self.start_bridge(CONFIG, self.broker, self.endpoint)
        for seq in range(5):
            self.broker.publish("spBv1.0/plant/NDATA/line1", payload(seq, metric(seq, alias=0), at=2000 + seq), qos=0)
        command, _ = listener.communicate(timeout=30)
        topic, content = command.split()
        self.assertEqual(topic, "spBv1.0/plant/NCMD/line1")
        self.assertIn(b"Node Control/Rebirth", bytes.fromhex(content))
        self.birth(at=5000)
        self.broker.publish("spBv1.0/plant/NDATA/line1", payload(1, metric(9, alias=0, at=6000), at=6000), qos=0)
        self.assertEqual(self.endpoint.wait_for_lines("tokentemp1", 2), ['{"x":5000,"y":20}', '{"x":6000,"y":9}'])
        self.assertEqual(daemon.log().count("rebirth asked for"), 1)
        self.assertEqual(daemon.metric("plotbridge_decode_errors_total", error="no_birth"), 5)


if __name__ == "__main__":
    unittest.main()
