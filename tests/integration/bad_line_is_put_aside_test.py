"""An endpoint that refuses lines with "poison" in them, and takes nothing that follows one: exactly those lines are found
in few connections, put aside and shown, and all others arrive."""

import json
import math
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from support.bridge_test import BridgeTest
from support.daemon import PROGRAM
from support.waiting import PATIENCE, wait_until

COUNT = 600
# Where the poison is, and how many lines the endpoint still reads before it says so.
STREAMS = {
    "once": ([300], 0),
    "twice": ([250, 420], 0),
    "soon-again": ([300, 420], 0),
    "late": ([300], 60),
    "late-twice": ([300, 420], 60),
    "first": ([0], 0),
    "healthy": ([], 0),
}
CONFIG = "streams:\n" + "".join(f"  - {{name: {name}, token: token-of-{name}}}\n" for name in STREAMS) + """
routes:
  - {topic: "plant/{machine}", decode: {type: json}, point: {n: n, text: text}, stream: "{machine}"}
"""
# Not more than came in a second, or than the bridge remembers of it, is on the way: so many are searched.
MOST_ON_THE_WAY = 512


def payload(stream, n):
    return json.dumps({"n": n, "text": "some poison in it" if n in STREAMS[stream][0] else "good"})


class ABadLine(BridgeTest):
    def setUp(self):
        self.taken = {stream: set() for stream in STREAMS}
        self.refusals = {stream: 0 for stream in STREAMS}
        self.read_after = {}  # connection: lines since its poison
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def on_lines(self, connection, lines):
        """As an endpoint that reads line by line: what follows a bad one is lost to it."""
        stream = connection.token.removeprefix("token-of-")
        for line in lines:
            if connection in self.read_after:
                self.read_after[connection] += 1
            elif "poison" in line:
                self.read_after[connection] = 0
                self.refusals[stream] += 1
                connection.final_answer = "422 Unprocessable Entity"
            else:
                self.taken[stream].add(json.loads(line)["n"])
            if self.read_after.get(connection) == STREAMS[stream][1]:
                connection.answer("422 Unprocessable Entity", "json parse error")

    def test_is_put_aside_and_all_others_arrive(self):
        broker, endpoint = self.start_broker(), self.start_endpoint(on_lines=self.on_lines)
        folder = Path(self.folder.name) / "spool"
        daemon = self.start_bridge(f"{CONFIG}spool: {{directory: {folder}}}\n", broker, endpoint)
        flows = [threading.Thread(target=broker.publish_paced, kwargs={"qos": 1},
                                  args=(f"plant/{stream}", [payload(stream, n) for n in range(COUNT)], 200))
                 for stream in STREAMS]
        for flow in flows:
            flow.start()
        for flow in flows:
            flow.join()

        good = {stream: set(range(COUNT)) - set(bad) for stream, (bad, _) in STREAMS.items()}
        endpoint.wait(lambda: self.taken == good, "all good lines are taken", 60)
        wait_until(lambda: all(daemon.stream(stream)["state"] in ("probation", "live") for stream in STREAMS),
                   "the searches are over")
        for stream, (bad, _) in STREAMS.items():
            with self.subTest(stream=stream):
                self.assert_told(daemon, folder, stream, bad)
                # The first one of a bridge with a spool only asked the endpoint where it is.
                connections = len([one for one in endpoint.of(f"token-of-{stream}") if one.lines])
                self.assertLessEqual(connections, 1 + len(bad) * (math.log2(MOST_ON_THE_WAY) + 2))

    def assert_told(self, daemon, folder, stream, bad):
        status = daemon.stream(stream)
        self.assertEqual(status["put_aside"], len(bad))
        self.assertEqual(daemon.metric("plotbridge_discarded_lines_total", stream=stream), len(bad))
        records = [json.loads(line) for line in (folder / "quarantine.jsonl").read_text().splitlines()]
        lines = [record["line"] for record in records if record["stream"] == stream]
        self.assertEqual(lines, [{"n": n, "text": "some poison in it"} for n in bad])
        if bad:
            self.assertEqual(json.loads(status["last_put_aside"]["line"])["n"], bad[-1])
            self.assertIn("422", status["last_put_aside"]["why"])
            self.assertIn("poison", daemon.wait_for_log(f"line put aside stream={stream} ").string)
        admin = f"http://127.0.0.1:{daemon.admin_port}"
        table = subprocess.run([PROGRAM, "status", "--admin", admin], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(table.stdout.count(f"\n{stream}: {len(bad)} line"), 1 if bad else 0, table.stdout)


if __name__ == "__main__":
    unittest.main()
