"""form.py finds what it is there for: each test breaks one thing."""

import unittest

import form
import sample


class Form(unittest.TestCase):
    def setUp(self):
        self.dashboard = sample.dashboard()
        self.panel = self.dashboard["panels"][0]

    def assert_found(self, *words: str) -> None:
        found = form.complaints(self.dashboard)
        self.assertEqual(len(words), len(found), found)
        for wanted, got in zip(words, found):
            self.assertIn(wanted, got)

    def test_nothing_wrong(self):
        self.assert_found()

    def test_what_is_the_same_in_all(self):
        others = {"id": 7, "version": 2, "schemaVersion": 42, "timezone": "utc", "graphTooltip": 0, "editable": True}
        for key, value in others.items():
            with self.subTest(key):
                self.setUp()
                self.dashboard[key] = value
                self.assert_found(f"{key} is not")

    def test_an_id_that_is_missing_is_not_null(self):
        del self.dashboard["id"]
        self.assert_found("id is not None")

    def test_names(self):
        self.dashboard |= {"uid": "Sample", "title": "", "tags": ["x"]}
        self.assert_found("uid 'Sample'", "no title", "no tag")

    def test_what_only_the_site_of_grafana_knows(self):
        self.dashboard["__inputs"] = []
        del self.dashboard["__requires"]
        self.assert_found("__inputs", "__requires")

    def test_the_order_of_variables(self):
        self.dashboard["templating"]["list"].reverse()
        self.assert_found("its variables are ['instance', 'job', 'cluster', 'datasource']")

    def test_variables_of_one_name(self):
        variables = self.dashboard["templating"]["list"]
        variables.append(variables[2])
        self.assert_found("each once")

    def test_types_of_panels(self):
        self.panel["type"] = "graph"
        self.assert_found("panel 1 'Left' is a 'graph'")

    def test_no_words_for_no_data(self):
        for words in ("", "No data", "N/A", "-", "  "):
            with self.subTest(words):
                self.panel["fieldConfig"]["defaults"]["noValue"] = words
                self.assert_found("panel 1 'Left' does not say")
        del self.panel["fieldConfig"]
        self.assert_found("panel 1 'Left' does not say")

    def test_transformations(self):
        self.panel["transformations"] = [{"id": "merge", "options": {}}, {"id": "heatmap", "options": {}}]
        self.assert_found("panel 1 'Left' transforms by 'heatmap'")

    def test_names_of_queries(self):
        self.panel["targets"].append(self.panel["targets"][0])
        self.assert_found("called ['A', 'A']")

    def test_data_sources(self):
        for kind, uid in (("loki", "${datasource}"), ("prometheus", "fixed")):
            with self.subTest(kind, uid=uid):
                self.setUp()
                self.panel["targets"][0]["datasource"] = {"type": kind, "uid": uid}
                self.assert_found("panel 1 'Left', A: its data source is")

    def test_data_sources_of_annotations(self):
        annotations = self.dashboard["annotations"]["list"]
        annotations.append({"builtIn": 1, "name": "Grafana's own", "datasource": {"type": "grafana", "uid": "-- Grafana --"}})
        self.assert_found()
        del annotations[0]["datasource"]
        self.assert_found("annotation 'Alerts': its data source is None")


    def test_the_variable_of_clusters(self):
        for key, value in (("allValue", ".+"), ("includeAll", False), ("multi", False), ("label", "x"), ("type", "custom")):
            with self.subTest(key):
                self.setUp()
                self.dashboard["templating"]["list"][1][key] = value
                self.assert_found(f"variable 'cluster': {key} is {value!r}")

    def test_every_query_is_of_the_chosen_clusters(self):
        target = self.panel["targets"][0]
        target["expr"] = target["expr"].replace('{cluster=~"$cluster", ', "{", 1)
        self.assert_found('panel 1 \'Left\', A: conntrack_entries without cluster=~"$cluster"')
        self.setUp()
        self.dashboard["templating"]["list"][3]["query"] = 'label_values(conntrack_exporter_build_info{job=~"$job"}, instance)'
        self.assert_found("variable 'instance': conntrack_exporter_build_info without")
        self.setUp()
        self.dashboard["annotations"]["list"][0]["expr"] = "up"
        self.assert_found("annotation 'Alerts': up without")

    def test_instances_of_two_clusters(self):
        series = 'up{cluster=~"$cluster"}'
        for expr, words in (
            (f"sum by (job, instance) ({series})", "by (instance, job) mixes"),
            (f"{series} and on (instance) {series}", "on (instance) mixes"),
        ):
            with self.subTest(expr):
                self.panel["targets"][0]["expr"] = expr
                self.assert_found(f"panel 1 'Left', A: {words}")
        for expr in (f"sum by (cluster, instance) ({series})", f"sum without (instance) ({series})", f"sum by (job) ({series})"):
            with self.subTest(expr):
                self.panel["targets"][0]["expr"] = expr
                self.assert_found()


if __name__ == "__main__":
    unittest.main()
