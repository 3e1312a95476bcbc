"""series.py finds what it is there for: queries about what is not there."""

import unittest

import sample
import series


class Series(unittest.TestCase):
    def assert_found(self, expr: str, *words: str, legend: str = "") -> None:
        dashboard = sample.dashboard()
        dashboard["panels"][1]["targets"][0] |= {"expr": expr, "legendFormat": legend}
        found = series.complaints(dashboard)
        self.assertEqual(len(words), len(found), found)
        for wanted, got in zip(words, found):
            self.assertIn(wanted, got)
            self.assertTrue(got.startswith("panel 2 'Right', A: "), got)

    def test_nothing_wrong(self):
        for expr in (
            "conntrack_entries",
            "sum by (cluster, flow_state) (conntrack_flows{flow_state=~'SYN_SENT|CLOSE'})",
            "process_cpu_seconds_total",
            "conntrack_exporter_build_info{version='1'}",
            "histogram_quantile(0.9, sum by (le) (rate(conntrack_flow_lifetime_seconds_bucket[5m])))",
            "up * on (instance) group_left (severity) ALERTS{alertstate='firing', alertname='x'}",
        ):
            with self.subTest(expr):
                self.assert_found(expr)

    def test_metrics(self):
        self.assert_found("conntrack_entries_maximum > 1", "conntrack_entries_maximum: no such series")
        self.assert_found("{job='x'}", "a selector without a name")
        self.assert_found("conntrack_flow_lifetime_seconds", "conntrack_flow_lifetime_seconds: no such series")

    def test_recording_rules(self):
        self.assert_found("instance:conntrack_lost_packets:rate5m", "is a recording rule")
        self.assert_found("instance:conntrack_talkers_port_flows:named", "no such series")

    def test_labels_of_matchers(self):
        self.assert_found("conntrack_entries{cpu='0'}", "conntrack_entries has no label cpu")

    def test_labels_of_groupings(self):
        for expr in (
            "sum by (cpu) (conntrack_entries)",
            "conntrack_entries * on (cpu) up",
            "conntrack_entries * on (job) group_left (cpu) up",
        ):
            with self.subTest(expr):
                self.assert_found(expr, "no series of it has the label cpu")

    def test_labels_of_legends(self):
        self.assert_found("conntrack_entries", "no series of it has the label cpu", legend="{{instance}} {{ cpu }}")
        self.assert_found("conntrack_stat_drop_total", legend="{{instance}} {{ cpu }}")

    def test_labels_that_a_query_makes(self):
        self.assert_found("label_replace(conntrack_entries, 'cause', 'x', '', '')", legend="{{cause}}")

    def test_words_of_the_exporter(self):
        self.assert_found("conntrack_flows{flow_state='SYNSENT'}", "conntrack_flows has no flow_state='SYNSENT'")
        self.assert_found("conntrack_flows{flow_state=~'SYN_SENT|SYNSENT'}", "conntrack_flows has no flow_state='SYNSENT'")
        self.assert_found("conntrack_flows{flow_state=~'SYN.*'}")
        self.assert_found("conntrack_flows{flow_state=~'$state'}")

    def test_annotations_too(self):
        dashboard = sample.dashboard()
        dashboard["annotations"]["list"][0]["expr"] = "ALERTS_OF_OURS"
        self.assertEqual(["annotation 'Alerts': ALERTS_OF_OURS: no such series"], series.complaints(dashboard))


if __name__ == "__main__":
    unittest.main()
