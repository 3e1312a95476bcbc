"""An incident that went wrong is provoked once more, and the drill says so."""

import dataclasses
import types
import unittest

import drill
from results import Result

INCIDENT = types.SimpleNamespace(name="flood")
GOOD = Result("Flood", "ConntrackFlood", fired=1.0)
FALSE = Result("Flood", "ConntrackFlood", fired=1.0, false_alarms=["ConntrackOther (critical)"])
SILENT = Result("Flood", "ConntrackFlood", failure="no alert came")


class Tries(unittest.TestCase):
    def provoke(self, *outcomes: Result) -> tuple[Result, int]:
        """The result, and the number of outcomes that are left."""
        left = [dataclasses.replace(outcome) for outcome in outcomes]
        said: list[str] = []
        exercise = types.SimpleNamespace(provoke=lambda _: left.pop(0), say=said.append)
        result = drill.provoke(exercise, INCIDENT)
        self.assertEqual(bool(result.first_try), bool(said))
        return result, len(left)

    def test_what_is_good_is_not_tried_again(self):
        self.assertEqual((GOOD, 1), self.provoke(GOOD, SILENT))

    def test_the_second_try_counts_and_the_first_is_told(self):
        for outcome in (GOOD, FALSE):
            result, left = self.provoke(SILENT, outcome)
            self.assertEqual((outcome.good, "no alert came", 0), (result.good, result.first_try, left))

    def test_a_false_alarm_is_tried_again(self):
        result, _ = self.provoke(FALSE, GOOD)
        self.assertEqual((True, "false alarm: ConntrackOther (critical)"), (result.good, result.first_try))


if __name__ == "__main__":
    unittest.main()
