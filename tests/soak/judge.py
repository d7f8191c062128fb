"""The judge: what was issued, what the broker gave, what the bridge took, what the application has."""

from collections import Counter

CORRUPT = -1  # stands for a value that is no id
SHOWN = 10


class Verdict:
    """Of one stream. The ids of each offence, in order."""

    def __init__(self):
        self.missing, self.doubled, self.corrupted, self.spurious, self.out_of_order = [], [], [], [], []
        self.forgotten = []  # issued, and the broker never gave it
        self.waived = 0  # taken, not there, and excused
        self.given = self.again = 0  # by the broker; of those, ids that it gave before

    def guilty(self):
        return {name: ids for name, ids in vars(self).items()
                if isinstance(ids, list) and ids and name != "forgotten"}


def judge(ids, taken, values, issued, excused=frozenset()):
    """`ids` is what the broker gave in order, `taken` whether the bridge acknowledged each, `values` what the
    application has, `issued` how many ids there are. A line that was taken must be there once, one that was given and
    not taken may be; the order is that in which the broker gave them. What is `excused` need not be there."""
    verdict = Verdict()
    verdict.given, verdict.again = len(ids), len(ids) - len(set(ids))
    verdict.forgotten = sorted(set(range(issued)).difference(ids))
    there = Counter(values)
    verdict.waived = sum(1 for number, is_taken in zip(ids, taken) if is_taken and number in excused
                         and not there[number]) if excused else 0
    offence = first_offence(ids, taken, values, excused)
    if offence is None:
        return verdict
    given = Counter(ids)
    due = Counter(number for number, is_taken in zip(ids, taken) if is_taken and number not in excused)
    verdict.missing = sorted(number for number, times in due.items() if there[number] < times)
    for number in sorted(there):
        if number in given:
            if there[number] > given[number]:
                verdict.doubled.append(number)
        elif 0 <= number < issued:
            verdict.spurious.append(number)
        else:
            verdict.corrupted.append(number)
    if not verdict.guilty():
        verdict.out_of_order = [offence]
    return verdict


def first_offence(ids, taken, values, excused=frozenset()):
    """None if `values` can be `ids` with some left out that need not be there; else the first value that does not fit,
    or the first that is missing behind the last."""
    size = len(ids)
    due_from = [size] * (size + 1)  # the next place that must not be left out
    places_of = {}
    for at in range(size - 1, -1, -1):
        due_from[at] = at if taken[at] and ids[at] not in excused else due_from[at + 1]
        places_of.setdefault(ids[at], []).append(at)
    ends = {0}  # where the next value may come from
    for value in values:
        fits = {place + 1 for place in places_of.get(value, ()) for end in ends if end <= place <= due_from[end]}
        if not fits:
            return value
        ends = fits
    left = max(due_from[end] for end in ends)
    return None if left == size else ids[left]


def told(verdicts):
    """The offences, a line for each stream and kind."""
    return [f"stream {number}: {name} {len(ids)}: {ids[:SHOWN]}"
            for number, verdict in enumerate(verdicts) for name, ids in verdict.guilty().items()]
