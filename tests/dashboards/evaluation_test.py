"""evaluation.py finds queries that several machines, or jobs, break."""

import unittest

import dashboard as dashboards
import evaluation
import sample

SELECTOR = '{cluster=~"$cluster", job=~"$job", instance=~"$instance"}'


class Evaluation(unittest.TestCase):
    def complaints(self, *queries: str) -> list[str]:
        dashboard = sample.dashboard()
        panels = dashboards.panels(dashboard)
        for panel, expr in zip(panels, queries):
            panel["targets"][0]["expr"] = expr.replace("@", SELECTOR)
        return evaluation.complaints(dashboards.expressions(dashboard))

    def assert_found(self, expr: str, words: str) -> None:
        (found,) = self.complaints(expr)
        self.assertTrue(found.startswith("panel 1 'Left', A: "), found)
        self.assertIn(words, found)

    def test_nothing_wrong(self):
        self.assertEqual([], self.complaints())

    def test_two_machines(self):
        self.assert_found("conntrack_entries@ / on (cluster, job) conntrack_entries_limit@", "many-to-many matching not allowed")

    def test_two_jobs(self):
        self.assert_found("conntrack_entries@ / on (cluster, instance) conntrack_entries_limit@", "many-to-many matching not allowed")
        self.assertEqual([], self.complaints("conntrack_entries@ / on (cluster, job, instance) conntrack_entries_limit@"))

    def test_two_clusters(self):
        self.assert_found("conntrack_entries@ / on (job, instance) conntrack_entries_limit@", "many-to-many matching not allowed")

    def test_two_alerts(self):
        alerts = 'ALERTS{cluster=~"$cluster", instance=~"$instance"}'
        self.assert_found(f"conntrack_entries@ * on (cluster, instance) group_left () {alerts}", "many-to-many matching not allowed")
        counted = f"count by (cluster, instance) ({alerts})"
        self.assertEqual([], self.complaints(f"conntrack_entries@ * on (cluster, instance) group_left () {counted}"))

    def test_several_at_once(self):
        found = self.complaints("conntrack_entries@ / on (job) up@", "up@", "conntrack_hash_buckets@ / on (job) up@")
        self.assertEqual(["panel 1", "panel 4"], [complaint[:7] for complaint in found])

    def test_no_answers_at_all(self):
        (found,) = evaluation.complaints([dashboards.Expression("here", "nothing > 1", {})])
        self.assertIn("none of the queries has an answer", found)

    def test_what_is_no_promql(self):
        (found,) = evaluation.complaints([dashboards.Expression("here", "up and", {})])
        self.assertIn("here: ", found)


if __name__ == "__main__":
    unittest.main()
