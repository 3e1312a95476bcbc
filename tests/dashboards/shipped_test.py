"""The dashboards of the repository pass every check."""

import dataclasses
import unittest

import dashboard as dashboards
import evaluation
import form
import layout
import linter
import navigation
import parsing
import series
import thresholds

CHECKS = (linter, layout, form, series, thresholds)
EXPECTED = {"conntrack-fleet", "conntrack-node", "conntrack-exporter"}


def everything(expressions) -> list[dashboards.Expression]:
    """What `expressions` finds in each, by file."""
    return [
        dataclasses.replace(each, where=f"{file}: {each.where}")
        for file, dashboard in dashboards.shipped().items()
        for each in expressions(dashboard)
    ]


class Shipped(unittest.TestCase):
    def test_they_are_there(self):
        shipped = dashboards.shipped()
        self.assertEqual({f"{uid}.json" for uid in EXPECTED}, set(shipped))
        self.assertEqual(EXPECTED, {dashboard["uid"] for dashboard in shipped.values()})

    def test_every_check(self):
        for file, dashboard in dashboards.shipped().items():
            for check in CHECKS:
                with self.subTest(file, check=check.__name__):
                    self.assert_none(check.complaints(dashboard))

    def test_every_query_is_promql(self):
        self.assert_none(parsing.complaints(everything(parsing.expressions)))

    def test_every_query_bears_several_machines(self):
        self.assert_none(evaluation.complaints(everything(dashboards.expressions)))

    def test_links_lead_somewhere(self):
        self.assert_none(navigation.complaints(dashboards.shipped()))

    def test_links_of_alerts_lead_somewhere(self):
        self.assert_none(navigation.of_alerts(dashboards.shipped()))

    def assert_none(self, complaints: list[str]) -> None:
        if complaints:
            self.fail("\n" + "\n".join(complaints))


if __name__ == "__main__":
    unittest.main()
