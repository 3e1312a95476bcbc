"""docs/fleet.md says how many series a machine has, and that is what tests/bench/cardinality.py measures."""

import pathlib
import sys

import binaries
from lab import skip
from live import LiveTest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "bench"))

# pylint: disable=wrong-import-position
import cardinality

PAGE = binaries.ROOT / "docs/fleet.md"
MARK = "<!-- tests/bench/cardinality.py -->\n"


class Cardinality(LiveTest):
    def test_the_table_of_the_page_is_what_is_measured(self):
        if not all(map(cardinality.readable, cardinality.CASES)):
            skip(f"{cardinality.KMSG} cannot be read: no row for kernel_log, and so no sum")
        _, _, rest = PAGE.read_text(encoding="utf-8").partition(MARK)
        documented, _, _ = rest.partition("\n\n")
        self.assertEqual(documented + "\n", cardinality.table(cardinality.rows()), "run tests/bench/cardinality.py")
