#!/usr/bin/env python3
"""The style that can be checked: formatting, a header's opening words, size, and no work left as a mark."""

import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 400
CODE = {".h", ".cc", ".py", ".sh", ".js", ".css", ".html"}
LEFT_OVER = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")

FREED_IN_VAIN = re.compile(r"^\s*[\w.>\[\]-]+ = std::string\(\);")


def sources(*endings):
    """Files of ours with these endings; nothing built, fetched or hidden."""
    for folder in ("plugin", "tests", "deploy"):
        for path in sorted((ROOT / folder).rglob("*")):
            parts = path.relative_to(ROOT).parts
            if path.suffix in endings and not {"node_modules", "__pycache__", "build"}.intersection(parts):
                yield path


def name_of(path):
    return path.relative_to(ROOT).as_posix()


class Style(unittest.TestCase):
    def assert_none(self, offences):
        self.assertEqual(offences, [], "\n" + "\n".join(offences))

    def test_cpp_is_formatted_as_clang_format_says(self):
        files = [str(path) for path in sources(".h", ".cc")]
        run = subprocess.run(["clang-format", "--dry-run", "-Werror", *files], capture_output=True, text=True)
        wrong = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", run.stderr, re.MULTILINE)))
        self.assertEqual(run.returncode, 0, "run `clang-format -i` on\n" + "\n".join(wrong or [run.stderr]))

    def test_every_header_opens_by_saying_what_it_is(self):
        offences = []
        for path in sources(".h"):
            text = path.read_text()
            if not text.startswith("//"):
                offences.append(f"{name_of(path)}:1: say what it is, what it leaves to others and who may call it")
            elif "#pragma once" not in text:
                offences.append(f"{name_of(path)}:1: #pragma once is missing")
        self.assert_none(offences)

    def test_no_file_holds_more_than_one_noun_needs(self):
        offences = []
        for path in sources(*CODE):
            lines = len(path.read_text().splitlines())
            if lines > MAX_LINES:
                offences.append(f"{name_of(path)}:{MAX_LINES}: {lines} lines; split it by its nouns")
        self.assert_none(offences)

    def test_memory_is_not_freed_by_assigning_nothing(self):
        offences = []
        for path in sources(".h", ".cc"):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if FREED_IN_VAIN.search(line):
                    offences.append(f"{name_of(path)}:{number}: the string keeps its memory; free_memory() gives it back")
        self.assert_none(offences)

    def test_no_work_is_left_as_a_mark(self):
        offences = []
        for path in sources(*CODE):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if LEFT_OVER.search(line):
                    offences.append(f"{name_of(path)}:{number}: do it, or open an issue: {line.strip()}")
        self.assert_none(offences)


if __name__ == "__main__":
    unittest.main()
