#!/usr/bin/env python3
"""The oracle soak: real processes under random faults; every id that was taken must be at the endpoint, once, in order.

A broker, `plotbridge run` and `plotbridge serve --state` run as processes, wires that can break between them. The
publisher counts ids as issued when the broker has acknowledged them; an ear on the wire knows what the broker gave to
the bridge and what the bridge acknowledged; the observer follows the endpoint's page. Ends with 1 when anything is
missing, doubled, corrupted, spurious or out of order, and keeps the logs.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from soak.faults import Faults  # noqa: E402
from soak.judge import told  # noqa: E402
from soak.stage import Stage  # noqa: E402
from support.daemon import PROGRAM  # noqa: E402
from support.waiting import wait_until  # noqa: E402

CLOCKS = ("bridge-clock", "endpoint-clock")
AFTER = 2  # seconds of publishing after the last fault: fresh ids must arrive, too


class Soak:
    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.stage = Stage(folder, options.program, options.streams, options.rate)
        kinds = list(options.faults)
        if not self.stage.spool_disk and "disk-full" in kinds:
            print("soak: disk-full is left out: only root may mount a small disk for the spool", file=sys.stderr)
            kinds.remove("disk-full")
        if not self.stage.bridge_clock.environment() and set(kinds) & set(CLOCKS):
            print("soak: clocks are left as they are: libfaketime, or libtrue_timers.so of the build, is missing",
                  file=sys.stderr)
            kinds = [kind for kind in kinds if kind not in CLOCKS]
        self.faults = Faults(self.stage, kinds, options.mean_pause, options.seed, options.holes,
                             options.pauses, options.each_once)
        self.offences, self.verdicts, self.left = [], [], 0
        self.seconds = 0.0

    def run(self):
        """True when nothing is wrong."""
        began = time.monotonic()
        try:
            self.stage.start()
            self.faults.start()
            self._go_on(began)
            self.faults.finish()
            threading.Event().wait(AFTER)
            self.stage.publisher.finish()
            self._settle()
        finally:
            self.seconds = time.monotonic() - began
            self.stage.close()
        self._judge()
        return not self.offences

    def _go_on(self, began):
        options = self.options

        def enough():
            if options.each_once:
                return not self.faults.is_alive()
            return time.monotonic() - began >= options.seconds and self.stage.issued() >= options.ids
        wait_until(enough, "the soak is long enough", 24 * 3600)

    def _settle(self):
        stage = self.stage
        try:
            wait_until(stage.seen_all, "everything has arrived", self.options.deadline)
        except AssertionError as failure:
            self.offences.append(str(failure))
        stage.end_watch()
        stage.bridge.stop()
        self.left = stage.spool_bytes()
        # What the endpoint acknowledged, and the bridge forgot, must outlive the endpoint.
        before = stage.observer.taken_back
        stage.endpoint.kill()
        looks = stage.observer.windows
        stage.endpoint.start()
        wait_until(lambda: stage.observer.windows > looks, "the endpoint is read a last time")
        stage.observer.finish()
        if stage.observer.taken_back > before:
            self.offences.append(f"{stage.observer.taken_back - before} acknowledged lines are gone after a last kill")

    def _judge(self):
        stage = self.stage
        self.verdicts = stage.verdicts(self.faults.excused, self.faults.notices)
        for number, verdict in enumerate(self.verdicts):
            most = self._noticed(number) + len(self.faults.excused.get(number, ()))
            # Fewer: the broker gave a line again that the bridge had dropped.
            if verdict.waived > most:
                self.offences.append(f"stream {number}: {verdict.waived} lines are gone, and {most} are accounted for")
        self.offences += told(self.verdicts) + stage.observer.surprises + stage.trouble
        for program in stage.programs():
            self.offences += program.ends_badly
        if not self.faults.counts.get("broker-crash"):
            self.offences += [f"stream {n}: the broker never gave {verdict.forgotten[:10]}"
                              for n, verdict in enumerate(self.verdicts) if verdict.forgotten]

    def _noticed(self, number):
        return sum(lines for stream, _, _, lines in self.faults.notices if stream == number)

    def report(self):
        stage, verdicts = self.stage, self.verdicts

        def total(what):
            return sum(len(getattr(verdict, what)) for verdict in verdicts)
        kinds = ", ".join(f"{kind} {count}" for kind, count in self.faults.counts.items() if count)
        restarts = ", ".join(f"{program.name} {program.restarts}" for program in stage.programs())
        return "\n".join([
            f"seed             {self.options.seed}",
            f"seconds          {self.seconds:.0f}, of them {stage.publisher.held_seconds:.0f} without room to publish",
            f"issued           {stage.issued()} ids in {self.options.streams} streams",
            f"published again  {stage.publisher.again} after a broken connection",
            f"given            {sum(v.given for v in verdicts)} by the broker, "
            f"{sum(v.again for v in verdicts)} of them again",
            f"delivered        {sum(map(len, stage.observer.values))} lines",
            f"faults           {self.faults.count()}: {kinds}",
            f"restarts         {restarts}",
            f"missing          {total('missing')}",
            f"doubled          {total('doubled')}",
            f"corrupted        {total('corrupted')}",
            f"spurious         {total('spurious')}",
            f"out of order     {total('out_of_order')}",
            f"never given      {total('forgotten')} that the broker forgot",
            f"excused          {sum(map(len, self.faults.excused.values()))} in records that were damaged",
            f"told as dropped  {sum(notice[3] for notice in self.faults.notices)} that a full disk did not take",
            f"taken back       {stage.observer.taken_back} seen before they were kept, when the endpoint was killed",
            f"bridge's memory  {stage.bridge.peak_kb / 1024:.1f} MiB at most; "
            f"endpoint {stage.endpoint.peak_kb / 1024:.1f} MiB",
            f"spool left       {self.left} bytes",
            *(f"OFFENCE          {offence}" for offence in self.offences),
        ])


def span(text):
    """Of 5-25."""
    least, most = map(float, text.split("-"))
    return least, most


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="at least so long")
    parser.add_argument("--ids", type=int, default=0, help="and at least so many ids")
    parser.add_argument("--rate", type=float, default=2000, help="ids a second, all streams together")
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the faults")
    parser.add_argument("--faults", type=lambda text: text.split(","), default=Faults.DEFAULT,
                        help="kinds with commas between: " + ",".join(Faults.PARTS))
    parser.add_argument("--mean-pause", type=float, default=3, metavar="S", help="seconds from fault to fault")
    parser.add_argument("--holes", type=span, default=(5, 25), metavar="S-S", help="how long a black hole lasts")
    parser.add_argument("--pauses", type=span, default=(0.5, 12), metavar="S-S",
                        help="how long the endpoint stands still")
    parser.add_argument("--deadline", type=float, default=120, metavar="S",
                        help="for what is left, once all faults have ended")
    parser.add_argument("--each-once", action="store_true", help="each kind once, then it is over")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="logs stay there in any case")
    parser.add_argument("--program", default=PROGRAM, metavar="PATH")
    options = parser.parse_args(arguments)
    if unknown := sorted(set(options.faults).difference(Faults.PARTS)):
        parser.error(f"no such faults: {', '.join(unknown)}")
    if options.keep and options.keep.exists() and any(options.keep.iterdir()):
        parser.error(f"{options.keep} is not empty")
    return options


def soak(arguments):
    """Exit code and report."""
    options = parse(arguments)
    options.program = str(Path(options.program).resolve())
    folder = options.keep or Path(tempfile.mkdtemp(prefix="plotbridge-soak."))
    folder.mkdir(parents=True, exist_ok=True)
    run = Soak(folder.resolve(), options)
    well = False
    try:
        well = run.run()
        report = run.report()
        (folder / "report").write_text(report + "\n")
    finally:
        if well and not options.keep:
            shutil.rmtree(folder, ignore_errors=True)
        elif (folder / "spool" / "bridge").exists():  # the mount goes with this process
            shutil.copytree(folder / "spool" / "bridge", folder / "spool.left", dirs_exist_ok=True)
    if not well:
        report += f"\nsoak: FAILED; seed {options.seed}, logs in {folder}"
    return (0 if well else 1), report


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    code, text = soak(sys.argv[1:])
    print(text)
    sys.exit(code)
