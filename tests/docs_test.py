#!/usr/bin/env python3
"""The documents against the program: metric names, files that are named, and configurations that load.

The program is the one that PLOTBRIDGE names.
"""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"]
METRIC = re.compile(r"\bplotbridge_[a-z0-9_]+\b")
SERIES_OF_A_HISTOGRAM = re.compile(r"_(?:bucket|sum|count)$")


def read(name):
    return (ROOT / name).read_text()


def metrics_in_code():
    text = "".join(path.read_text() for path in sorted((ROOT / "plugin" / "app").glob("metrics*.cc")))
    return {name for literal in re.findall(r'"([^"\n]*)"', text) for name in METRIC.findall(literal)}


def metrics_in_docs():
    return {SERIES_OF_A_HISTOGRAM.sub("", name) for name in METRIC.findall(read("docs/metrics.md"))}


def fenced_blocks(document, language):
    return re.findall(rf"^```{language}\n(.*?)^```", read(document), re.MULTILINE | re.DOTALL)


class Documents(unittest.TestCase):
    def test_every_metric_of_the_program_is_documented_and_no_other(self):
        code, docs = metrics_in_code(), metrics_in_docs()
        self.assertTrue(code)
        self.assertEqual(code - docs, set(), "in the program, but not in docs/metrics.md")
        self.assertEqual(docs - code, set(), "in docs/metrics.md, but not in the program")

    def test_every_file_that_a_document_names_exists(self):
        missing = []
        name = re.compile(r"\b((?:deploy|tests|config|docs|plugin|\.ci)/[\w./-]*\w|(?<=\]\()[A-Z]+(?:\.md)?(?=\)))")
        for document in DOCUMENTS:
            for number, line in enumerate(read(document).splitlines(), 1):
                for path in name.findall(line):
                    if not (ROOT / path).exists():
                        missing.append(f"{document}:{number}: {path}")
        self.assertEqual(missing, [], "\n" + "\n".join(missing))

    def test_the_readme_leads_to_the_reference_configuration(self):
        self.assertIn("config/plotbridge.yaml", read("README.md"))

    def test_the_two_scripts_stand_on_the_first_screen(self):
        first_screen = "\n".join(read("README.md").splitlines()[:40])
        self.assertIn("deploy/demo.sh", first_screen)
        self.assertIn("tests/run.sh", first_screen)


class Configurations(unittest.TestCase):
    def assert_good(self, path):
        run = subprocess.run([os.environ["PLOTBRIDGE"], "check", "-c", str(path)], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_of_the_readme_loads(self):
        blocks = fenced_blocks("README.md", "yaml")
        self.assertTrue(blocks)
        with tempfile.TemporaryDirectory() as folder:
            for block in blocks:
                path = Path(folder) / "plotbridge.yaml"
                path.write_text(block)
                self.assert_good(path)

    def test_of_the_demo_loads(self):
        self.assert_good(ROOT / "deploy" / "demo.yaml")


if __name__ == "__main__":
    unittest.main()
