"""Who may be told what while an incident lasts."""

import unittest

import judge
from incident import Incident
from recorder import Notification


class Leak(Incident):
    name, title, alert = "leak", "a leak", "ConntrackStateLeak"
    labels = {"state": "CLOSE_WAIT", "severity": "warning"}
    companions = {"ConntrackSourceHoldsLargeShare": "one source holds them all"}


def told(alert: str, severity: str = "warning", firing: bool = True, **labels: str) -> Notification:
    return Notification(1.0, "ticket", firing, {"alertname": alert, "severity": severity, "job": "conntrack", **labels})


class Judge(unittest.TestCase):
    def judge(self, *notifications: Notification) -> judge.Verdict:
        return judge.judge(Leak(), list(notifications))

    def test_the_alert_of_the_incident_is_no_false_alarm(self):
        self.assertEqual(judge.Verdict([], []), self.judge(told("ConntrackStateLeak", state="CLOSE_WAIT")))

    def test_the_alert_of_the_incident_in_another_degree_is_none_either(self):
        self.assertEqual(judge.Verdict([], []), self.judge(told("ConntrackStateLeak", "critical", state="CLOSE_WAIT")))

    def test_the_same_alert_of_something_else_is_a_false_alarm(self):
        verdict = self.judge(told("ConntrackStateLeak", state="FIN_WAIT"))
        self.assertEqual(["ConntrackStateLeak (warning, state=FIN_WAIT)"], verdict.false_alarms)

    def test_companions_are_told_beside_it_once(self):
        companion = told("ConntrackSourceHoldsLargeShare", source="10.1.0.2")
        self.assertEqual(judge.Verdict(["ConntrackSourceHoldsLargeShare"], []), self.judge(companion, companion))

    def test_a_companion_that_pages_is_a_false_alarm(self):
        verdict = self.judge(told("ConntrackSourceHoldsLargeShare", "critical"))
        self.assertEqual(judge.Verdict([], ["ConntrackSourceHoldsLargeShare (critical)"]), verdict)

    def test_anything_else_is_a_false_alarm(self):
        self.assertEqual(["ConntrackTableFull (critical)"], self.judge(told("ConntrackTableFull", "critical")).false_alarms)

    def test_what_resolves_was_judged_when_it_fired(self):
        self.assertEqual(judge.Verdict([], []), self.judge(told("ConntrackTableFull", firing=False)))

    def test_only_the_labels_asked_for_make_it_its_own(self):
        self.assertTrue(judge.is_own(Leak(), told("ConntrackStateLeak", state="CLOSE_WAIT", instance="router")))
        self.assertFalse(judge.is_own(Leak(), told("ConntrackStateLeak", "critical", state="CLOSE_WAIT")))


if __name__ == "__main__":
    unittest.main()
