"""The table of the drill."""

import unittest

import results
from results import Result

FULL = Result("table full", "ConntrackTableFull", 3.4, 12.6, [], ["ConntrackEarlyDrops", "ConntrackTableFillingUp"])
NOT_HERE = Result("clash", "ConntrackClashesLost", not_here="one CPU")
FAILED = Result("leak", "ConntrackStateLeak", failure="it did not fire", false_alarms=["ConntrackX (critical)"])


class Table(unittest.TestCase):
    def test_markdown_has_a_row_for_each(self):
        lines = results.markdown([FULL, NOT_HERE, FAILED]).splitlines()
        self.assertEqual(5, len(lines))
        self.assertEqual("| table full | ConntrackTableFull | 3 s | 13 s |  | EarlyDrops, TableFillingUp | 0 |", lines[2])
        self.assertIn("not here: one CPU", lines[3])
        self.assertIn("**failed**", lines[4])
        self.assertEqual({lines[0].count("|")}, {line.count("|") for line in lines})

    def test_bars_in_a_reason_do_not_break_the_table(self):
        self.assertIn("a \\| b", results.markdown([Result("x", "y", not_here="a | b")]))

    def test_text_is_aligned(self):
        heading, row = results.text([FULL]).splitlines()
        self.assertEqual(heading.index("fires after"), row.index("3 s"))

    def test_what_cannot_be_here_is_no_failure(self):
        self.assertTrue(NOT_HERE.good)

    def test_a_false_alarm_is_one_whatever_else_went_well(self):
        self.assertFalse(Result("x", "y", 1, 1, false_alarms=["z"]).good)
        self.assertFalse(FAILED.good)
        self.assertTrue(FULL.good)


if __name__ == "__main__":
    unittest.main()
