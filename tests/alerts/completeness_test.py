"""No rule without a test of its own, none about a series that the exporter does not have, none that says nothing."""

import re
import unittest

import rule_pack

SEVERITIES = {"critical", "warning", "info"}
ANNOTATIONS = {"summary", "description", "runbook_url"}
# Labels whose values are the exporter's own words: tests may invent no others.
VOCABULARY = ("family", "flow_state", "status", "message", "basis", "collector", "event")
FLEET_LABELS = {"cluster", "namespace", "node", "nodename", "pod", "container", "service", "endpoint", "host_ip"}


def minutes(duration: str) -> float:
    return rule_pack.seconds(duration) / 60


def fires_as(rule: dict, check: dict) -> bool:
    """Whether a check of promtool expects this rule to fire, rather than another of its name."""
    expected = [alert.get("exp_labels", {}) for alert in check.get("exp_alerts", [])]
    return any(rule["labels"].items() <= labels.items() for labels in expected)


def edges(rule: dict, fires_first: bool) -> bool:
    """Whether a case has this rule silent at one minute and firing at the next; or the other way round."""
    for case in rule_pack.unit_cases():
        at = {
            minutes(check["eval_time"]): fires_as(rule, check)
            for check in case.get("alert_rule_test", [])
            if check["alertname"] == rule["alert"]
        }
        if any(fires == fires_first and at.get(minute + 1) == (not fires_first) for minute, fires in at.items()):
            return True
    return False


def silent_cases(name: str) -> list[dict]:
    """The cases that only expect this alert not to fire."""
    return [
        case
        for case in rule_pack.unit_cases()
        if {check["alertname"] for check in case.get("alert_rule_test", [])} == {name}
        and not any(check.get("exp_alerts") for check in case["alert_rule_test"])
    ]


def base_metrics(expr: str) -> set[str]:
    """The metrics of the exporter that an expression reads."""
    return rule_pack.read_by(expr) & rule_pack.golden().keys()


def input_values(case: dict, part_of_series: str) -> list[str]:
    return [str(entry["values"]) for entry in case["input_series"] if part_of_series in entry["series"]]


def own_state(rule: dict) -> str:
    return f'ALERTS{{alertname="{rule["alert"]}"'


class EveryRuleHasATest(unittest.TestCase):
    def test_every_recording_rule_has_a_value(self):
        tested = [
            selector
            for case in rule_pack.unit_cases()
            for check in case.get("promql_expr_test", [])
            for sample in check.get("exp_samples", [])
            for selector in rule_pack.selectors(check["expr"] + " + " + sample["labels"])
        ]
        for rule in rule_pack.rules():
            if "record" in rule:
                with self.subTest(rule_pack.identity(rule)):
                    wanted = rule.get("labels", {}).items()
                    found = [dict((label, value) for label, _, value in s.matchers) for s in tested if s.metric == rule["record"]]
                    self.assertTrue(any(wanted <= labels.items() for labels in found), "no exp_samples names it")

    def test_every_alert_begins_and_ends_to_the_minute(self):
        for rule in rule_pack.alerts():
            with self.subTest(rule_pack.identity(rule)):
                self.assertTrue(edges(rule, fires_first=False), "no case has it silent one minute, and firing the next")
                if not edges(rule, fires_first=True):
                    # Longer after its end than a minute: the last scrape, or the last moment above, lies between two checks.
                    self.assertTrue(self.ends(rule), "no case has it end")

    @staticmethod
    def ends(rule: dict) -> bool:
        for case in rule_pack.unit_cases():
            checks = [check for check in case.get("alert_rule_test", []) if check["alertname"] == rule["alert"]]
            states = [fires_as(rule, check) for check in sorted(checks, key=lambda check: minutes(check["eval_time"]))]
            if any(first and not second for first, second in zip(states, states[1:])):
                return True
        return False

    def test_every_alert_lets_go_to_the_minute_where_it_lingers(self):
        for rule in rule_pack.alerts():
            if "keep_firing_for" in rule:
                with self.subTest(rule_pack.identity(rule)):
                    self.assertTrue(edges(rule, fires_first=True), "no case has it firing one minute, and silent the next")

    def test_every_alert_has_a_case_of_silence_and_one_of_a_failed_scrape(self):
        for name in {rule["alert"] for rule in rule_pack.alerts()}:
            with self.subTest(name):
                self.assertTrue(silent_cases(name), "no case in which it stays silent")
                cases = [case for case in rule_pack.unit_cases() if case["name"].startswith(name + " ")]
                self.assertTrue(any("stale" in value for case in cases for value in input_values(case, "")), "no failed scrape")

    def test_what_is_remembered_for_70m_is_told_after_a_gap_of_scrapes(self):
        for rule in rule_pack.alerts():
            remembers = re.search(r"increase70m|\[70m\]", rule["expr"]) and rule["labels"].get("what") != "unknown_loss"
            if remembers and rule["alert"] != "ConntrackExporterDown":
                with self.subTest(rule_pack.identity(rule)):
                    told = [
                        case["name"]
                        for case in rule_pack.unit_cases()
                        if any(re.search(r"_x[45]\d", value) for value in input_values(case, ""))
                        and any(fires_as(rule, check) for check in case.get("alert_rule_test", []) if check["alertname"] == rule["alert"])
                    ]
                    self.assertTrue(told, "no case with a gap of 40 minutes or more")

    def test_no_alert_is_left_out_where_nothing_is_tracked(self):
        (case,) = rule_pack.unit_tests()["no_tracking.yml"]["tests"]
        silent = {check["alertname"] for check in case["alert_rule_test"] if not check.get("exp_alerts")}
        self.assertEqual({rule["alert"] for rule in rule_pack.alerts()}, silent)

    def test_limits_are_0_and_counters_begin_anew_in_some_case_of_silence(self):
        for rule in rule_pack.alerts():
            silent = silent_cases(rule["alert"])
            metrics = base_metrics(rule["expr"])
            with self.subTest(rule_pack.identity(rule)):
                for metric in metrics:
                    if re.search(r"_(limit|buckets|available)$", metric) and "recommended" not in metric:
                        zeros = [value for case in silent for value in input_values(case, metric + "{") if value.startswith("0x")]
                        # PacketsRefused is right to fire then: a table without a limit is never full.
                        self.assertTrue(zeros or rule["alert"] == "ConntrackPacketsRefused", f"no silence with a {metric} of 0")
                if any(metric.endswith("_total") for metric in metrics):
                    self.assertTrue(any(input_values(case, "reset\"") for case in silent), "no silence with a counter reset")


class EveryHysteresisHasATest(unittest.TestCase):
    def test_the_cases_of_an_alert_with_two_thresholds_tell_it_from_one_with_either(self):
        found = 0
        for rule in rule_pack.alerts():
            # words.threshold writes it so: where it begins, and where it stays, by its own state in the last line.
            parts = rule["expr"].split("\nor\nmax without")
            if len(parts) == 2:
                found += 1
                begins, stays = parts[0] + "\n", "max without" + re.sub(r"\n  and ignoring .* ALERTS\{.*\}\n$", "\n", parts[1])
                self.assertNotIn(own_state(rule), begins + stays)
                with self.subTest(rule_pack.identity(rule)):
                    self.assertTrue(self.fails(rule, begins), "no case in which it stays between the thresholds")
                    self.assertTrue(self.fails(rule, stays), "no case in which it does not begin between the thresholds")
        reading = [rule for rule in rule_pack.alerts() if own_state(rule) in rule["expr"] and rule["alert"] != "ConntrackExporterDown"]
        self.assertEqual(len(reading), found)

    @staticmethod
    def fails(rule: dict, expr: str) -> bool:
        """Whether the cases of an alert fail where that rule has another expression."""
        try:
            rule_pack.run_cases(rule["alert"] + ".yml", rule | {"expr": expr})
        except AssertionError as failure:
            return f"alertname: {rule['alert']}, time:" in str(failure)
        return False


class TestsAreWhatTheySay(unittest.TestCase):
    def test_each_case_has_an_interval_and_a_name(self):
        """Without an interval promtool takes none, and every series is over at its beginning."""
        for name, file in rule_pack.unit_tests().items():
            for case in file["tests"]:
                with self.subTest(name):
                    self.assertEqual("1m", case.get("interval"))
                    # 0x60 without quotes is the number 96.
                    self.assertEqual({str}, {type(entry["values"]) for entry in case["input_series"]})
                    self.assertTrue(case.get("name"))

    def test_groups_are_evaluated_in_the_order_of_the_file(self):
        """Without group_eval_order promtool takes them as they come, and an alert may see old recorded values."""
        order = [group["name"] for group in rule_pack.groups()]
        for name, file in rule_pack.unit_tests().items():
            with self.subTest(name):
                self.assertEqual(order, file.get("group_eval_order"))
                self.assertEqual(["../../../alerts/conntrack.rules.yml"], file["rule_files"])

    def test_input_series_are_such_as_the_exporter_has(self):
        known = rule_pack.golden()
        for name, file in rule_pack.unit_tests().items():
            for text in {entry["series"] for case in file["tests"] for entry in case["input_series"]}:
                (series,) = rule_pack.selectors(text)
                labels = {label: value for label, _, value in series.matchers}
                with self.subTest(name, series=text):
                    self.assertIn(series.metric, known)
                    own = set(labels) - {"job", "instance"} - FLEET_LABELS
                    if series.metric in rule_pack.KUBE_STATE_METRICS:  # cases give only those that rules ask for
                        self.assertLessEqual({label.removeprefix("exported_") for label in own} - FLEET_LABELS, set(known[series.metric]))
                        continue
                    self.assertEqual(set(known[series.metric]), own)
                    for label in own.intersection(VOCABULARY):
                        self.assertIn(labels[label], known[series.metric][label])


class RulesNameWhatIsThere(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.known = rule_pack.with_recorded(rule_pack.golden())

    def test_every_metric_is_in_a_golden_file_or_recorded(self):
        for rule in rule_pack.rules():
            for selector in rule_pack.selectors(rule["expr"]):
                with self.subTest(rule_pack.identity(rule)):
                    self.assertIn(selector.metric, self.known, "no file of tests/golden has it: tests/support/whole_output.cc makes them")

    def test_every_value_that_a_matcher_asks_for_is_in_a_golden_file(self):
        for rule in rule_pack.rules():
            for selector in rule_pack.selectors(rule["expr"]):
                if selector.metric == "ALERTS":
                    continue  # the next test
                for label in {label for label, _, _ in selector.matchers} - rule_pack.TARGET_LABELS:
                    with self.subTest(rule_pack.identity(rule), selector=selector):
                        self.assertLessEqual(selector.values(label), self.known[selector.metric].get(label, set()))

    def test_an_alert_reads_its_own_state_only_but_for_a_flood_that_is_called_asymmetric(self):
        for rule in rule_pack.alerts():
            own = {"alertname": rule["alert"], "alertstate": "firing"} | rule["labels"]
            asymmetric = {"alertname": "ConntrackAsymmetricRouting", "alertstate": "firing", "what": "half_open"}
            known = [set(own.items())] + [set(asymmetric.items())] * (rule["alert"] == "ConntrackSynFlood")
            for selector in rule_pack.selectors(rule["expr"]):
                if selector.metric == "ALERTS":
                    with self.subTest(rule_pack.identity(rule)):
                        self.assertIn({(label, value) for label, _, value in selector.matchers}, known)

    def test_every_label_that_is_grouped_by_is_there(self):
        machine_labels = rule_pack.TARGET_LABELS | FLEET_LABELS
        for rule in rule_pack.rules():
            expr = rule["expr"]
            there = {label for s in rule_pack.selectors(expr) for label in self.known.get(s.metric, {})} | rule_pack.made_labels(expr)
            with self.subTest(rule_pack.identity(rule)):
                grouped = rule_pack.grouping_labels(expr, "without", "by", "on", "ignoring", "group_left", "group_right")
                set_here = {"alertname", "severity", *rule["labels"]} if "alert" in rule else set()
                unnamed = {label.removeprefix("exported_") for label in grouped}  # Prometheus renames labels that a target has too
                self.assertLessEqual(unnamed - machine_labels - set_here, there)

    def test_every_label_in_an_annotation_is_there(self):
        for rule in rule_pack.alerts():
            gone = rule_pack.grouping_labels(rule["expr"], "without")
            there = rule_pack.TARGET_LABELS - gone | set(rule_pack.inherited(rule["expr"], self.known))
            for key, text in rule["annotations"].items():
                with self.subTest(rule_pack.identity(rule), annotation=key):
                    self.assertLessEqual(set(re.findall(r"\$labels\.(\w+)", text)), there)

    def test_the_reader_of_expressions_reads_them(self):
        expr = 'sum without (cpu) (rate(a_total{x="1", y=~"b|c"}[5m])) > 2 and on (job) b:c:d offset 1h unless up == 0'
        self.assertEqual(["a_total", "b:c:d", "up"], [s.metric for s in rule_pack.selectors(expr)])
        self.assertEqual({"b", "c"}, rule_pack.selectors(expr)[0].values("y"))
        self.assertEqual({"cpu"}, rule_pack.grouping_labels(expr, "without"))


class AlertsSayWhatIsUp(unittest.TestCase):
    def test_severity_and_annotations(self):
        for rule in rule_pack.alerts():
            with self.subTest(rule_pack.identity(rule)):
                self.assertIn(rule["labels"].get("severity"), SEVERITIES)
                self.assertEqual(ANNOTATIONS, set(rule["annotations"]))
                self.assertTrue(all(text.strip() for text in rule["annotations"].values()))
                self.assertIn(rule["alert"] + ".md", rule["annotations"]["runbook_url"])

    def test_a_summary_is_one_sentence_for_all_machines(self):
        by_name: dict[str, set[str]] = {}
        for rule in rule_pack.alerts():
            summary = rule["annotations"]["summary"]
            by_name.setdefault(rule["alert"] + rule["labels"].get("what", ""), set()).add(summary)
            with self.subTest(rule_pack.identity(rule)):
                self.assertNotIn("{{", summary)
                self.assertRegex(summary, r"^[A-Z].*\.$")
        self.assertEqual({}, {name: texts for name, texts in by_name.items() if len(texts) > 1})

    def test_a_description_is_about_one_machine_in_whole_sentences(self):
        for rule in rule_pack.alerts():
            with self.subTest(rule_pack.identity(rule)):
                description = rule["annotations"]["description"]
                command = re.search(r" First command: `([^`]+)`\.$", description)
                assert command, description
                runbook = (rule_pack.ROOT / "alerts/runbooks" / f"{rule['alert']}.md").read_text()
                self.assertIn(f"**First command:** `{command[1]}", runbook)
                if rule["alert"] != "ConntrackExporterAbsent":
                    self.assertIn("{{ $labels.instance }}", description)

    def test_no_value_is_in_a_label(self):
        """An alert whose labels change is another alert, and `for` begins anew."""
        for rule in rule_pack.rules():
            for text in rule.get("labels", {}).values():
                with self.subTest(rule_pack.identity(rule)):
                    self.assertNotIn("{{", text)


if __name__ == "__main__":
    unittest.main()
