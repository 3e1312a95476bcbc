"""thresholds.py finds panels whose colours change elsewhere than their alert begins."""

import unittest
from unittest import mock

import sample
import thresholds

RUNBOOK = "https://example.org/runbooks/%s.md"


class Thresholds(unittest.TestCase):
    def setUp(self):
        self.dashboard = sample.dashboard()
        self.panel = self.dashboard["panels"][0]

    def show(self, *steps: float, alerts: tuple[str, ...] = (), of_field: bool = False, unit: str = "percentunit") -> None:
        self.panel["fieldConfig"]["defaults"]["unit"] = unit
        self.panel["links"] = [{"title": name, "url": RUNBOOK % name} for name in alerts]
        listed = {"steps": [{"color": "x", "value": value} for value in (None, *steps)]}
        if of_field:
            self.panel["fieldConfig"]["overrides"] = [{"properties": [{"id": "thresholds", "value": listed}]}]
        else:
            self.panel["fieldConfig"]["defaults"]["thresholds"] = listed

    def assert_found(self, *words: str) -> None:
        found = thresholds.complaints(self.dashboard)
        self.assertEqual(len(words), len(found), found)
        for wanted, got in zip(words, found):
            self.assertIn(wanted, got)

    def test_the_numbers_are_those_of_the_configuration(self):
        self.assertEqual({0.8, 0.9, 900}, thresholds.numbers("ConntrackTableUtilisationHigh"))
        self.assertEqual({0.25}, thresholds.numbers("ConntrackSourceHoldsLargeShare"))
        self.assertEqual(set(), thresholds.numbers("ConntrackCollectorFailed"))

    def test_packets_of_an_hour_are_no_packets_a_second(self):
        setting = {"losing": {"above": 0.2}, "lost": {"above": 100}}
        with mock.patch.object(thresholds, "config", lambda: {"alerts": {"ConntrackTableFull": setting}}):
            self.assertEqual({0.2}, thresholds.numbers("ConntrackTableFull"))

    def test_nothing_wrong(self):
        self.assert_found()
        self.show(0.8, 0.9, alerts=("ConntrackTableUtilisationHigh",))
        self.assert_found()

    def test_another_number(self):
        self.show(0.75, 0.9, alerts=("ConntrackTableUtilisationHigh",))
        self.assert_found("panel 1 'Left': a threshold at 0.75, where ConntrackTableUtilisationHigh begins at 0.8, 0.9")

    def test_another_number_of_one_field(self):
        self.show(0.75, alerts=("ConntrackTableUtilisationHigh",), of_field=True)
        self.assert_found("a threshold at 0.75")

    def test_no_alert(self):
        self.show(0.8)
        self.assert_found("a threshold at 0.8, where no alert that it links to begins")

    def test_an_alert_without_a_number(self):
        self.show(5, alerts=("ConntrackCollectorFailed",), unit="short")
        self.assert_found("a threshold at 5")
        self.show(1, alerts=("ConntrackCollectorFailed",), unit="short")
        self.assert_found()

    def test_a_count_of_machines_begins_at_one(self):
        self.show(1, alerts=("ConntrackTableUtilisationHigh",), unit="short")
        self.assert_found()
        self.show(2, alerts=("ConntrackTableUtilisationHigh",), unit="short")
        self.assert_found("a threshold at 2")

    def test_a_share_without_the_thresholds_of_its_alert(self):
        self.show(alerts=("ConntrackTableUtilisationHigh",))
        self.assert_found("it shows a share and has no threshold at 0.8, 0.9")
        self.show(alerts=("ConntrackTableUtilisationHigh",), unit="short")
        self.assert_found()

    def test_alerts_at_whatever_is_lost(self):
        self.show(0.001, alerts=("ConntrackPacketsLost",), unit="pps")
        self.assert_found()
        for value in (0, 0.02):
            self.show(value, alerts=("ConntrackPacketsLost",), unit="pps")
            self.assert_found("a threshold at")

    def test_no_number_may_have_a_colour_of_its_own(self):
        self.show(0, 0.8, 0.9, alerts=("ConntrackTableUtilisationHigh",))
        self.assert_found("a threshold at 0")
        self.panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]["color"] = "text"
        self.assert_found()

    def test_a_runbook_in_the_description(self):
        self.show(10)
        self.panel["description"] = "See [it](https://example.org/runbooks/ConntrackInvalidPacketsHigh.md)."
        self.assert_found()

    def test_runbooks_that_are_none(self):
        self.show(alerts=("ConntrackTableFul",))
        self.assert_found("no alert is called ConntrackTableFul")

    def test_steps_that_do_not_rise(self):
        self.show(0.9, 0.8, alerts=("ConntrackTableUtilisationHigh",))
        self.assert_found("do not rise")


if __name__ == "__main__":
    unittest.main()
