"""Every way in which an endpoint can end a stream, one stream each: before any line, on a silent stream and while lines
flow. Each is told by its reason, is followed by what docs/streams.md says, loses no line that the endpoint's TCP had not
acknowledged, and touches no other stream."""

import json
import threading
import unittest
from typing import NamedTuple

from support.bridge_test import BridgeTest
from support.waiting import wait_until

GOES_ON, PARKED, STANDBY = ("connecting", "probation", "live"), ("parked",), ("standby",)


class Row(NamedTuple):
    how: str  # a status, or what the socket does
    reason: str
    state: tuple  # that follows by itself
    hint: str = ""  # what the log tells a person to do
    early: str = ""  # the reason of an answer that comes at once, where it is another one
    flowing: str = ""  # the same while lines flow


RIVAL, ADDRESS, SEARCH = "another client", "check endpoint.url", "searched for and put aside"
TABLE = [
    Row("fin", "suspect", GOES_ON, RIVAL),
    Row("half_close", "suspect", GOES_ON, RIVAL),
    Row("reset", "suspect", GOES_ON, RIVAL),
    Row("200 OK", "suspect", GOES_ON, RIVAL),
    Row("308 Permanent Redirect", "suspect", GOES_ON, RIVAL),
    Row("400 Bad Request", "refused", PARKED, ADDRESS, flowing="bad_data"),
    Row("401 Unauthorized", "refused", PARKED, ADDRESS),
    Row("403 Forbidden", "refused", PARKED, "create the plot again"),
    Row("404 Not Found", "refused", PARKED, "does not know this stream's token"),
    Row("408 Request Timeout", "idle", GOES_ON),
    Row("413 Content Too Large", "refused", PARKED, ADDRESS, flowing="bad_data"),
    Row("422 Unprocessable Entity", "refused", PARKED, ADDRESS, flowing="bad_data"),
    Row("423 Locked", "evicted", STANDBY, RIVAL),
    Row("429 Too Many Requests", "limited", GOES_ON),
    Row("449 Retry With", "network", GOES_ON),
    Row("500 Internal Server Error", "network", GOES_ON),
    Row("502 Bad Gateway", "suspect", GOES_ON, RIVAL, early="network"),  # a proxy with nothing behind it
    Row("503 Service Unavailable", "restart", GOES_ON),
]
# A plain answer; one that says why; one that leaves the connection open; and both.
MANNERS = {"": {}, "-body": {"text": "no, because"}, "-open": {"close": False},
           "-open-body": {"text": "no, because", "close": False}}


class Case:
    """One stream that will be ended in one way."""

    def __init__(self, row, manner, moment):
        self.name = f"{moment}-{row.how.split()[0]}{manner}"
        self.token = f"token-of-{self.name}"
        self.how, self._manner = row.how, manner
        other = row.early if moment == "early" else row.flowing if moment.startswith("flow") else ""
        self.reason = other or row.reason
        self.state = GOES_ON if other else row.state
        self.hint = {"bad_data": SEARCH, "network": ""}.get(self.reason, row.hint)
        self.at_once = moment == "early" and bool(other)

    def end(self, connection):
        if self.how[0].isdigit():
            connection.answer(self.how, **MANNERS[self._manner])
        else:
            {"fin": connection.close, "half_close": connection.half_close, "reset": connection.reset}[self.how]()


def cases(moment, manners=MANNERS):
    """A status can be answered in several manners; a socket ends in one."""
    return [Case(row, manner, moment) for manner in manners for row in TABLE if row.how[0].isdigit() or not manner]


class Siblings:
    """Streams that nothing is done to: their connections must stay as they are."""

    def __init__(self, count):
        self.all = [(f"sibling{i}", f"token-of-sibling-{i}") for i in range(count)]

    def check(self, test, endpoint):
        for name, token in self.all:
            test.assertEqual([c.ended for c in endpoint.of(token)], [None], name)


def config_of(streams, routes=""):
    return "streams:\n" + "".join(f"  - {{name: {name}, token: {token}}}\n" for name, token in streams) + routes


def states(daemon):
    return {stream["name"]: stream for stream in daemon.status()["streams"]}


class EveryEnding(BridgeTest):
    def test_before_any_line_and_on_a_silent_stream(self):
        early, silent, siblings = cases("early"), cases("silent"), Siblings(12)
        first = {case.token: case for case in early}
        streams = siblings.all + [(case.name, case.token) for case in silent + early]

        def answer(connection):
            case = first.pop(connection.token, None)
            if case and not case.at_once:  # what ends without a reason is judged by how the others fare
                endpoint.wait(lambda: len(endpoint.connections) >= len(streams), "all streams are open")
            if case:
                case.end(connection)

        broker, endpoint = self.start_broker(), self.start_endpoint(on_stream=answer)
        daemon = self.start_bridge(config_of(streams), broker, endpoint)
        self.assert_told_and_followed(daemon, endpoint, early)
        wait_until(lambda: {states(daemon)[case.name]["state"] for case in silent} == {"live"}, "all silent ones are live")
        for case in silent:
            case.end(endpoint.of(case.token)[0])
        self.assert_told_and_followed(daemon, endpoint, silent)
        self.assert_nothing_else(daemon, endpoint, siblings, streams)
        daemon.hang_up()
        for case in early + silent:
            endpoint.wait_for_stream(case.token, number=2)

    def test_while_lines_flow(self):
        """Wave by wave, so that this test's endpoint keeps up: 200 lines a second on each stream of a wave."""
        waves = [cases(f"flow{i}", [manner]) for i, manner in enumerate(MANNERS)]
        siblings = Siblings(12)
        streams = siblings.all + [(case.name, case.token) for wave in waves for case in wave]
        routes = "routes:\n" + "".join(
            f"  - {{topic: flow/{i}, decode: {{type: number}}, point: {{n: $value}}, "
            f"stream: [{', '.join(case.name for case in wave)}]}}\n" for i, wave in enumerate(waves))
        broker, endpoint = self.start_broker(), self.start_endpoint()
        daemon = self.start_bridge(config_of(streams, routes), broker, endpoint)
        endpoint.wait(lambda: len(endpoint.connections) == len(streams), "all streams are open")
        for i, wave in enumerate(waves):
            self.end_in_mid_flow(broker, endpoint, daemon, f"flow/{i}", wave)
        self.assert_nothing_else(daemon, endpoint, siblings, streams)

    def end_in_mid_flow(self, broker, endpoint, daemon, topic, wave):
        count = 600
        flow = threading.Thread(target=broker.publish_paced, args=(topic, range(count), 200), kwargs={"qos": 1})
        flow.start()
        self.addCleanup(flow.join)
        for case in wave:
            endpoint.wait_for_lines(case.token, count // 3)
        for case in wave:
            case.end(endpoint.of(case.token)[0])
        self.assert_told_and_followed(daemon, endpoint, wave)
        flow.join()
        daemon.hang_up()
        for case in wave:
            endpoint.wait(lambda: len(self.numbers(endpoint, case)) == count, f"all lines of {case.name}")
            self.assert_whole(endpoint, case)

    def assert_told_and_followed(self, daemon, endpoint, cases):
        def settled():
            now = states(daemon)
            return all(now[case.name]["last_close"] and now[case.name]["state"] in case.state for case in cases)

        wait_until(settled, "each stream goes on, or is parked or stands by, as the table says")
        now = states(daemon)
        for case in cases:
            self.assert_log_tells(daemon, case)
            if case.reason == "bad_data":  # the search has ends of its own
                continue
            self.assertEqual(now[case.name]["last_close"]["reason"], case.reason, case.name)
            opened = 2 if case.state == GOES_ON else 1
            endpoint.wait(lambda: len(endpoint.of(case.token)) == opened, f"{case.name} was opened {opened} times")

    def assert_log_tells(self, daemon, case):
        def reasons():
            return [change for change in daemon.changes(case.name) if change.get("why", "").startswith(f"{case.reason}: ")]

        told = wait_until(reasons, f"the log tells why {case.name} ended")
        self.assertEqual(len(told), 1, f"{case.name}: {daemon.changes(case.name)}")
        if case.how[0].isdigit():
            self.assertIn(f"the endpoint answered {case.how[:3]}", told[0]["why"])
        self.assertIn(case.hint, told[0].get("hint", ""), case.name)
        self.assertEqual(case.hint != "", "hint" in told[0], f"{case.name}: {told[0]}")

    def assert_nothing_else(self, daemon, endpoint, siblings, streams):
        siblings.check(self, endpoint)
        log = daemon.log()
        for _, token in streams:
            self.assertNotIn(token, log)

    def numbers(self, endpoint, case):
        return {json.loads(line)["n"] for line in endpoint.lines(case.token)}

    def assert_whole(self, endpoint, case):
        """Each connection has a run of the lines without a gap; doubled are only those of the moment."""
        runs = [[json.loads(line)["n"] for line in connection.lines] for connection in endpoint.of(case.token)]
        for run in filter(None, runs):
            self.assertEqual(run, list(range(run[0], run[-1] + 1)), case.name)
        ended_with = runs[0][-1]
        doubled = {n for run in runs[1:] for n in run if n <= ended_with}
        # What is not acknowledged yet; where a line was refused, also what was acknowledged in the last second.
        at_most = 400 if case.reason == "bad_data" else 100
        self.assertGreater(min(doubled, default=ended_with), ended_with - at_most, case.name)


if __name__ == "__main__":
    unittest.main()
