"""navigation.py finds links that lead nowhere."""

import unittest
from unittest import mock

import navigation
import sample
import thresholds


class Links(unittest.TestCase):
    def setUp(self):
        self.dashboard = sample.dashboard()
        self.panel = self.dashboard["panels"][0]

    def assert_found(self, *words: str, **more: dict) -> None:
        found = navigation.complaints({"sample.json": self.dashboard, **more})
        self.assertEqual(len(words), len(found), found)
        for wanted, got in zip(words, found):
            self.assertIn(wanted, got)

    def link(self, url: str) -> None:
        self.panel["links"] = [{"title": "x", "url": url}]

    def test_nothing_wrong(self):
        self.assert_found()
        self.link("/d/conntrack-sample?var-cluster=${cluster}&var-job=${job}&var-instance=${instance}&${__url_time_range}")
        self.assert_found()

    def test_another_dashboard(self):
        for url in ("/d/conntrack-other", "d/conntrack-other/title?var-job=x", "/d/conntrack-other?var-job=x"):
            self.link(url)
            self.assert_found("sample.json: panel 1 'Left': " + url)

    def test_another_variable(self):
        self.link("/d/conntrack-sample?var-job=x&var-host=y")
        self.assert_found("sets host, which conntrack-sample has not")

    def test_links_of_the_dashboard(self):
        self.dashboard["links"].append({"type": "link", "url": "/d/conntrack-other", "title": "x"})
        self.assert_found("sample.json: the dashboard: /d/conntrack-other")

    def test_links_of_fields(self):
        links = [{"title": "x", "url": "/d/conntrack-other?var-instance=${__data.fields.instance}"}]
        self.panel["fieldConfig"]["defaults"]["links"] = links
        self.panel["fieldConfig"]["overrides"] = [{"properties": [{"id": "links", "value": links}]}]
        self.assert_found("leads to conntrack-other", "leads to conntrack-other")

    def test_pages_of_the_repository(self):
        self.link("https://github.com/conntrack-exporter/conntrack_exporter/blob/main/docs/nothing.md#x")
        self.assert_found("docs/nothing.md#x: no such file")
        self.link("https://github.com/conntrack-exporter/conntrack_exporter/blob/main/docs/metrics.md#x")
        self.assert_found()

    def test_nowhere(self):
        self.link("runbooks/x.md")
        self.assert_found("runbooks/x.md leads nowhere")

    def test_lists_by_tags(self):
        other = sample.dashboard() | {"uid": "conntrack-two", "title": "Two", "tags": ["x"], "links": []}
        self.assert_found("lists dashboards with the tags ['conntrack'], which two.json has not", **{"two.json": other})

    def test_what_two_have(self):
        self.assert_found("2 dashboards have the uid", "2 dashboards have the title", **{"two.json": sample.dashboard()})


class OfAlerts(unittest.TestCase):
    def complaints(self, **urls: str) -> list[str]:
        given = {"dashboardUrl": "/d/conntrack-sample", "fleetDashboardUrl": "/d/conntrack-sample", **urls}
        with mock.patch.object(thresholds, "config", lambda: given):
            return navigation.of_alerts({"sample.json": sample.dashboard()})

    def test_nothing_wrong(self):
        self.assertEqual([], self.complaints())
        self.assertEqual([], self.complaints(dashboardUrl=""))
        url = "http://x:3000/d/conntrack-sample?var-cluster={{ $labels.cluster }}&var-instance={{ $labels.instance }}"
        self.assertEqual([], self.complaints(dashboardUrl=url))

    def test_another_dashboard(self):
        (found,) = self.complaints(dashboardUrl="http://x/d/conntrack-other?var-job={{ $labels.job }}")
        self.assertIn("dashboardUrl: http://x/d/conntrack-other", found)

    def test_another_variable(self):
        (found,) = self.complaints(fleetDashboardUrl="http://x/d/conntrack-sample?var-node={{ $labels.node }}")
        self.assertIn("sets node, which conntrack-sample has not", found)

    def test_no_dashboard(self):
        (found,) = self.complaints(dashboardUrl="http://x/")
        self.assertIn("leads to no dashboard", found)


if __name__ == "__main__":
    unittest.main()
