"""docs/fleet.md says how many series a machine has, and that is what tests/bench/cardinality.py measures."""

import pathlib
import sys

import binaries
from live import LiveTest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))

# pylint: disable=wrong-import-position
import cardinality

PAGE = binaries.ROOT / "docs/fleet.md"
MARK = "<!-- tests/bench/cardinality.py -->\n"


class Cardinality(LiveTest):
    def test_the_table_of_the_page_is_what_is_measured(self):
        _, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
        documented = rest.partition("\n\n")[0].splitlines()
        for case in cardinality.CASES:
            if not cardinality.readable(case):
                left_out = [f"| {case.name()} |", *([f"| {cardinality.TOTAL} |"] if case.default else ())]
                print(f"SKIPPED: cannot be read, and is not compared: {left_out}", file=sys.stderr)
                documented = [line for line in documented if not line.startswith(tuple(left_out))]
        measured = cardinality.table(cardinality.rows()).splitlines()
        self.assertEqual(documented, measured, "run tests/bench/cardinality.py")
