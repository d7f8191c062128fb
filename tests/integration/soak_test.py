"""The soak, short: every kind of fault once, and nothing is missing, doubled, corrupted, spurious or out of order.
And its judge: it must find each of these where it is."""

import random
import sys
import unittest

from soak.judge import CORRUPT, judge
from soak.soak import soak

# They overlap; black holes that are longer than TCP's patience are left to the long soak.
FAULTS = ("wire-fin,endpoint-clock,bridge-kill,endpoint-kill,wire-rst,mqtt-rst,bridge-stop,wire-hole,broker-kill,endpoint-pause,"
          "disk-full,wire-503,mqtt-fin,endpoint-stop,bridge-pause,wire-408,broker-stop,wire-slow,bridge-clock,mqtt-hole")


class EverythingBreaksOnce(unittest.TestCase):
    def test_and_every_line_is_there_once_and_in_order(self):
        code, report = soak(["--rate", "500", "--streams", "4", "--faults", FAULTS, "--each-once",
                             "--mean-pause", "0.7", "--holes", "2-5", "--pauses", "1-4", "--seconds", "0",
                             "--deadline", "60"])
        print(report, file=sys.stderr)
        self.assertEqual(code, 0, report)


class TheJudge(unittest.TestCase):
    def guilty(self, ids, taken, values, issued=100, excused=frozenset()):
        return judge(ids, bytearray(map(int, taken)), values, issued, excused).guilty()

    def test_lets_pass_what_is_as_it_was_given(self):
        self.assertEqual(self.guilty([0, 1, 2], "111", [0, 1, 2]), {})

    def test_finds_what_is_missing(self):
        self.assertEqual(self.guilty([0, 1, 2], "111", [0, 2]), {"missing": [1]})
        self.assertEqual(self.guilty([0, 1, 2], "111", [0, 1]), {"missing": [2]})

    def test_does_not_miss_what_was_not_taken(self):
        self.assertEqual(self.guilty([0, 1, 1, 2], "1011", [0, 1, 2]), {})
        self.assertEqual(self.guilty([0, 1, 2], "110", [0, 1]), {})

    def test_allows_a_line_for_each_time_that_it_was_given(self):
        self.assertEqual(self.guilty([0, 1, 2, 1, 2, 3], "100111", [0, 1, 2, 1, 2, 3]), {})
        self.assertEqual(self.guilty([0, 1, 2, 1, 2, 3], "100111", [0, 1, 1, 2, 3]), {})
        self.assertEqual(self.guilty([0, 1, 1, 2], "1111", [0, 1, 2]), {"missing": [1]})

    def test_finds_what_is_doubled(self):
        self.assertEqual(self.guilty([0, 1, 2], "111", [0, 1, 1, 2]), {"doubled": [1]})
        self.assertEqual(self.guilty([0, 1, 1, 2], "1011", [0, 1, 1, 1, 2]), {"doubled": [1]})

    def test_finds_what_is_out_of_order(self):
        self.assertEqual(self.guilty([0, 1, 2], "111", [0, 2, 1]), {"out_of_order": [2]})
        self.assertEqual(self.guilty([0, 1, 2, 1, 2, 3], "100111", [0, 2, 1, 1, 2, 3]), {"out_of_order": [1]})

    def test_finds_what_nobody_issued_and_what_nobody_gave(self):
        self.assertEqual(self.guilty([0, 1], "11", [0, CORRUPT, 1]), {"corrupted": [CORRUPT]})
        self.assertEqual(self.guilty([0, 1], "11", [0, 1, 100]), {"corrupted": [100]})
        self.assertEqual(self.guilty([0, 1], "11", [0, 1, 99]), {"spurious": [99]})

    def test_excuses_what_was_damaged_and_only_that(self):
        self.assertEqual(self.guilty([0, 1, 2], "111", [0, 2], excused={1}), {})
        self.assertEqual(self.guilty([0, 1, 2], "111", [0], excused={1}), {"missing": [2]})

    def test_agrees_with_trying_everything(self):
        chance = random.Random(7)
        for _ in range(2000):
            ids = [chance.randrange(3) for _ in range(chance.randrange(7))]
            taken = [chance.random() < 0.6 for _ in ids]
            possible = {()}
            for number, is_taken in zip(ids, taken):
                possible = {begin + (number,) for begin in possible} | (set() if is_taken else possible)
            values = list(chance.choice(sorted(possible)))
            self.assertEqual(self.guilty(ids, taken, values), {}, (ids, taken, values))
            if values:
                del values[chance.randrange(len(values))]
            if chance.random() < 0.5:
                values.insert(chance.randrange(len(values) + 1), chance.randrange(3))
            self.assertEqual(self.guilty(ids, taken, values) == {}, tuple(values) in possible, (ids, taken, values))


if __name__ == "__main__":
    unittest.main()
