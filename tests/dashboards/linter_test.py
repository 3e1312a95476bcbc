"""Each rule of the linter can fail: every test breaks one thing in a dashboard that has no fault."""

import unittest

import dashboard as dashboards
import linter
import parsing
import sample


class Linter(unittest.TestCase):
    def setUp(self):
        self.dashboard = sample.dashboard()
        self.panel = self.dashboard["panels"][0]
        self.target = self.panel["targets"][0]
        self.datasource, _, self.job, self.instance = self.dashboard["templating"]["list"]

    def assert_found(self, rule: str, *words: str) -> None:
        """That rule complains, once in these words, and no other one does."""
        found = linter.complaints(self.dashboard)
        self.assertEqual({rule}, {complaint.partition(":")[0] for complaint in found}, found)
        self.assertEqual([rule], [name for name in linter.RULES if linter.RULES[name](self.dashboard)])
        for word in words:
            self.assertTrue(any(word in complaint for complaint in found), found)

    def ask(self, expr: str) -> None:
        self.target["expr"] = expr.replace("@", 'job=~"$job", instance=~"$instance"')


class Faultless(Linter):
    def test_nothing_wrong(self):
        self.assertEqual(17, len(linter.RULES))
        self.assertEqual([], linter.complaints(self.dashboard))

    def test_panels_in_collapsed_rows_are_looked_at(self):
        del dashboards.rows(self.dashboard)[1]["panels"][0]["description"]
        self.assert_found("panel-title-description-rule", "panel 6 'Within' has no description")


class Variables(Linter):
    def test_no_datasource(self):
        self.dashboard["templating"]["list"].remove(self.datasource)
        self.assert_found("template-datasource-rule", "0 data source variables")

    def test_another_datasource(self):
        for key, value, words in (("name", "ds", "'ds'"), ("label", "Source", "'Source'"), ("query", "loki", "'loki'")):
            with self.subTest(key):
                self.setUp()
                self.datasource[key] = value
                self.assert_found("template-datasource-rule", words)

    def test_job_and_instance(self):
        for rule, index in (("template-job-rule", 2), ("template-instance-rule", 3)):
            others = {"multi": False, "allValue": ".*", "label": "x", "datasource": {"type": "prometheus", "uid": "fixed"}}
            for key, value in others.items():
                with self.subTest(rule, key=key):
                    self.setUp()
                    self.dashboard["templating"]["list"][index][key] = value
                    self.assert_found(rule)

    def test_missing_ones(self):
        for rule, index in (("template-job-rule", 2), ("template-instance-rule", 3)):
            with self.subTest(rule):
                self.setUp()
                del self.dashboard["templating"]["list"][index]
                self.assert_found(rule, "no variable")

    def test_queries_of_variables(self):
        for query in ("label_value(up, job)", "up", "label_values(up{job=~;}, job)"):
            with self.subTest(query):
                self.job["query"] = query
                self.assert_found("template-label-promql-rule", "variable 'job'")

    def test_values_that_are_old(self):
        self.instance["refresh"] = 1
        self.assert_found("template-on-time-change-reload-rule", "variable 'instance': refresh is 1")

    def test_editable(self):
        del self.dashboard["editable"]
        self.assert_found("uneditable-dashboard")


class Panels(Linter):
    def test_another_datasource(self):
        self.panel["datasource"] = {"type": "prometheus", "uid": "fixed"}
        self.assert_found("panel-datasource-rule", "panel 1 'Left'")

    def test_no_datasource(self):
        del self.panel["datasource"]
        self.assert_found("panel-datasource-rule")

    def test_words(self):
        for key in ("title", "description"):
            with self.subTest(key):
                self.setUp()
                self.panel[key] = " "
                self.assert_found("panel-title-description-rule", f"no {key}")

    def test_units(self):
        for unit in (None, "", "rds"):
            with self.subTest(unit):
                self.panel["fieldConfig"]["defaults"]["unit"] = unit
                self.assert_found("panel-units-rule", repr(unit))

    def test_units_of_single_fields(self):
        prop = {"id": "unit", "value": "rds"}
        self.panel["fieldConfig"]["overrides"] = [{"matcher": {"id": "byName", "options": "x"}, "properties": [prop]}]
        self.assert_found("panel-units-rule", "'rds'")

    def test_no_queries(self):
        self.panel["targets"] = []
        self.assert_found("panel-no-targets-rule")

    def test_a_text_has_none(self):
        for key in ("targets", "fieldConfig", "datasource"):
            del self.panel[key]
        self.panel["type"] = "text"
        self.assertEqual([], linter.complaints(self.dashboard))


class Targets(Linter):
    def test_what_is_no_promql(self):
        self.ask("conntrack_entries{@} ; 1")
        self.assert_found("target-promql-rule", "panel 1 'Left', A: '; 1' is no PromQL")

    def test_an_empty_query(self):
        self.ask("")
        self.assert_found("target-promql-rule", "empty")

    def test_windows(self):
        for call in ("rate(@[5m])", "irate(@[$__interval])", "rate(@[$__range])", "increase(@[1h])"):
            with self.subTest(call):
                self.ask(call.replace("@", "x_total{@}"))
                self.assert_found("target-rate-interval-rule")
        self.ask("x{@}[$__rate_interval]")
        self.assert_found("target-rate-interval-rule", "not in a function")

    def test_windows_of_other_functions(self):
        for expr in ("max_over_time(x{@}[5m])", "increase(x_total{@}[$__range])"):
            self.ask(expr)
            self.assertEqual([], linter.complaints(self.dashboard))

    def test_every_selector_has_both_variables(self):
        for rule, matcher in (("target-job-rule", 'job=~"$job", '), ("target-instance-rule", ', instance=~"$instance"')):
            for other in ("", matcher.replace("=~", "="), matcher.replace("$", "")):
                with self.subTest(rule, other=other):
                    self.setUp()
                    self.ask("a{@} / b{@}")
                    self.target["expr"] = other.join(self.target["expr"].rsplit(matcher, 1))
                    self.assert_found(rule, "A: b without")

    def test_annotations_too(self):
        self.dashboard["annotations"]["list"][0]["expr"] = 'up{instance=~"$instance"}'
        self.assert_found("target-job-rule", "annotation 'Alerts': up")

    def test_alerts_have_no_job(self):
        for expr in ("ALERTS{@}", 'ALERTS{instance=~"$instance", job=""}'):
            with self.subTest(expr):
                self.ask(expr)
                self.assert_found("target-job-rule", "panel 1 'Left', A: ALERTS with the label job")

    def test_counters(self):
        for expr in (
            "x_total{@}",
            "sum(x_total{@})",
            "delta(x_total{@}[$__rate_interval])",
            "x_bucket{@}",
            "rate(x_count{@}[$__rate_interval]) / x_sum{@}",
        ):
            with self.subTest(expr):
                self.ask(expr)
                self.assert_found("target-counter-agg-rule", "is a counter")
        for function in ("rate", "irate", "increase", "resets", "changes"):
            self.ask(f"sum by (cpu) ({function}(x_total{{@}}[$__rate_interval]))")
            self.assertEqual([], linter.complaints(self.dashboard))

    def test_a_histogram_of_what_is_now_is_no_counter(self):
        self.ask("conntrack_hash_chain_length_sum{@} / conntrack_hash_chain_length_count{@}")
        self.assertEqual([], linter.complaints(self.dashboard))
        self.ask("rate(conntrack_hash_chain_length_bucket{@}[$__rate_interval])")
        self.assert_found("target-counter-agg-rule", "is a state and no counter, and in rate")

    def test_another_kind_of_data_source(self):
        self.target["datasource"] = {"type": "loki", "uid": "${datasource}"}
        found = linter.complaints(self.dashboard)
        self.assertEqual(["target-logql-rule", "target-logql-auto-rule"], [complaint.partition(":")[0] for complaint in found])


class Parsing(Linter):
    """promtool reads them."""

    def complaints(self) -> list[str]:
        return parsing.complaints(parsing.expressions(self.dashboard))

    def test_nothing_wrong(self):
        self.assertEqual(8, len(parsing.expressions(self.dashboard)))  # of four panels, an annotation and three variables
        self.assertEqual([], self.complaints())

    def test_grammar_of_queries_of_annotations_and_of_variables(self):
        self.ask("sum(rate(x_total{@}[$__rate_interval])")
        self.dashboard["annotations"]["list"][0]["expr"] = "ALERTS and"
        self.job["query"] = "label_values(up{, job)"
        found = self.complaints()
        self.assertEqual(3, len(found), found)
        for where, complaint in zip(("panel 1 'Left', A", "annotation 'Alerts'", "variable 'job'"), found):
            self.assertTrue(complaint.startswith(where + ": "), complaint)

    def test_types(self):
        self.ask("rate(x{@})")
        self.assertIn("expected type range vector", "".join(self.complaints()))


if __name__ == "__main__":
    unittest.main()
