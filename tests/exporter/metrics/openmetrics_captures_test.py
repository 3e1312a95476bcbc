"""The reference parser of OpenMetrics takes what we write on every capture, and reads in it what the text format says."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import both_formats


class Captures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if both_formats.WHY_NOT:
            print(f"SKIPPED: {both_formats.WHY_NOT}", file=sys.stderr, flush=True)
            raise unittest.SkipTest(both_formats.WHY_NOT)
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        subprocess.run([os.environ["RENDER_CAPTURES"], folder], check=True, stderr=subprocess.DEVNULL)
        cls.captures = {
            path.stem: (path.read_text(), path.with_suffix(".om").read_text())
            for path in pathlib.Path(folder).glob("*.prom")
        }

    def test_there_are_captures(self):
        self.assertGreater(len(self.captures), 5)
        for name, (text, _) in self.captures.items():
            self.assertGreater(len(both_formats.text_samples(text)), 5, name)

    def test_both_formats_say_the_same(self):
        for name, (text, openmetrics) in self.captures.items():
            with self.subTest(name):
                self.assertEqual([], both_formats.differences(text, openmetrics))

    def test_types_are_those_of_the_text_format(self):
        for name, (text, openmetrics) in self.captures.items():
            types = both_formats.openmetrics_types(openmetrics)
            for line in text.splitlines():
                if not line.startswith("# TYPE "):
                    continue
                _, _, family, kind = line.split(" ")
                with self.subTest(name, family=family):
                    self.assertEqual(kind, types[family.removesuffix("_total") if kind == "counter" else family])

    def test_the_parser_would_notice(self):
        text, openmetrics = self.captures["6.18-2cpu-cap-net-admin"]
        for broken in (
            openmetrics.removesuffix("# EOF\n"),
            openmetrics.replace("# TYPE conntrack_stat_drop counter", "# TYPE conntrack_stat_drop_total counter"),
            openmetrics.replace("# EOF\n", "\n# EOF\n"),
        ):
            with self.assertRaises(ValueError):
                both_formats.openmetrics_samples(broken)
        changed = openmetrics.replace("\nconntrack_entries_limit ", "\nconntrack_entries_limit 1")
        self.assertEqual(1, len(both_formats.differences(text, changed)))


if __name__ == "__main__":
    unittest.main()
