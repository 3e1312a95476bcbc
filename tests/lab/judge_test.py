"""Who may be told what while an incident lasts."""

import unittest

import judge
from incident import Incident
from recorder import Notification


class Leak(Incident):
    name, title, alert = "leak", "a leak", "ConntrackStateLeak"
    labels = {"flow_state": "CLOSE_WAIT", "severity": "warning"}
    companions = {"ConntrackSourceHoldsLargeShare": "one source holds them all"}


class Full(Incident):
    name, title, alert = "full", "a full table", "ConntrackTableFull"
    labels = {"severity": "critical"}


class Silent(Incident):
    name, title = "silent", "nothing to tell"


def told(alert: str, severity: str = "warning", firing: bool = True, **labels: str) -> Notification:
    return Notification(1.0, "ticket", firing, {"alertname": alert, "severity": severity, "job": "conntrack", **labels})


class Judge(unittest.TestCase):
    def judge(self, *notifications: Notification, incident: Incident | None = None) -> judge.Verdict:
        return judge.judge(incident or Leak(), list(notifications))

    def test_the_alert_of_the_incident_is_no_false_alarm(self):
        self.assertEqual(judge.Verdict([], []), self.judge(told("ConntrackStateLeak", flow_state="CLOSE_WAIT")))

    def test_a_warning_beside_the_page_is_none_either(self):
        both = told("ConntrackTableFull", "critical"), told("ConntrackTableFull", "warning")
        self.assertEqual(judge.Verdict([], []), self.judge(*both, incident=Full()))

    def test_a_page_beside_the_warning_is_one(self):
        verdict = self.judge(told("ConntrackStateLeak", "critical", flow_state="CLOSE_WAIT"))
        self.assertEqual(["ConntrackStateLeak (critical, flow_state=CLOSE_WAIT)"], verdict.false_alarms)

    def test_nobody_is_told_of_it_again(self):
        page, over = told("ConntrackTableFull", "critical"), told("ConntrackTableFull", "critical", firing=False)
        self.assertEqual(judge.Verdict([], []), self.judge(page, page, over, over, incident=Full()))
        self.assertEqual(["ConntrackTableFull (critical) again"], self.judge(page, over, page, incident=Full()).false_alarms)

    def test_what_resolves_from_an_incident_before_is_not_over(self):
        page, over = told("ConntrackTableFull", "critical"), told("ConntrackTableFull", "critical", firing=False)
        self.assertEqual(judge.Verdict([], []), self.judge(over, page, over, incident=Full()))

    def test_where_there_is_nothing_to_tell_whatever_is_told_is_a_false_alarm(self):
        self.assertEqual(judge.Verdict([], []), self.judge(incident=Silent()))
        verdict = self.judge(told("ConntrackEarlyDrops", "info"), incident=Silent())
        self.assertEqual(["ConntrackEarlyDrops (info)"], verdict.false_alarms)

    def test_the_same_alert_of_something_else_is_a_false_alarm(self):
        verdict = self.judge(told("ConntrackStateLeak", flow_state="FIN_WAIT"))
        self.assertEqual(["ConntrackStateLeak (warning, flow_state=FIN_WAIT)"], verdict.false_alarms)

    def test_companions_are_told_beside_it_once(self):
        companion = told("ConntrackSourceHoldsLargeShare", source_address="10.1.0.2")
        self.assertEqual(judge.Verdict(["ConntrackSourceHoldsLargeShare"], []), self.judge(companion, companion))

    def test_a_companion_that_pages_is_a_false_alarm(self):
        verdict = self.judge(told("ConntrackSourceHoldsLargeShare", "critical"))
        self.assertEqual(judge.Verdict([], ["ConntrackSourceHoldsLargeShare (critical)"]), verdict)

    def test_anything_else_is_a_false_alarm(self):
        self.assertEqual(["ConntrackTableFull (critical)"], self.judge(told("ConntrackTableFull", "critical")).false_alarms)

    def test_what_resolves_was_judged_when_it_fired(self):
        self.assertEqual(judge.Verdict([], []), self.judge(told("ConntrackTableFull", firing=False)))

    def test_only_the_labels_asked_for_make_it_its_own(self):
        self.assertTrue(judge.is_own(Leak(), told("ConntrackStateLeak", flow_state="CLOSE_WAIT", instance="router")))
        self.assertFalse(judge.is_own(Leak(), told("ConntrackStateLeak", "critical", flow_state="CLOSE_WAIT")))


if __name__ == "__main__":
    unittest.main()
