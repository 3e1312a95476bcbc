"""What scripts/generate-rules --config and --speed change, and what they leave alone."""

import functools
import pathlib
import re
import subprocess
import tempfile
import unittest

import rule_pack


@functools.cache
def overlaid(config: str, *flags: str) -> list[dict]:
    """The rules with `config`, the inside of _config+::, laid over the shipped ones. promtool has to take them."""
    with tempfile.TemporaryDirectory() as folder:
        overlay, out = pathlib.Path(folder) / "overlay.libsonnet", pathlib.Path(folder) / "out"
        overlay.write_text("{ _config+:: { %s } }\n" % config)
        rule_pack.generate(out, "--only", "conntrack.rules.yml", "--config", str(overlay), *flags)
        rule_pack.run("promtool", "check", "rules", "--lint=all", "--lint-fatal", str(out / "conntrack.rules.yml"))
        return [rule for group in rule_pack.load(out / "conntrack.rules.yml")["groups"] for rule in group["rules"]]


def durations(rule: dict) -> list[int]:
    """Every duration of a rule: of `for`, of `keep_firing_for`, of ranges and offsets."""
    written = [rule[key] for key in ("for", "keep_firing_for") if key in rule]
    return [rule_pack.seconds(text) for text in written + re.findall(r"(?:\[|offset )(\d+[smhd])", rule["expr"])]


class Overlays(unittest.TestCase):
    @staticmethod
    def changes(config: str) -> list[tuple[dict, dict]]:
        """The rules that an overlay changes, before and after it."""
        return [(old, new) for old, new in zip(rule_pack.rules(), overlaid(config), strict=True) if old != new]

    def only_change(self, config: str) -> tuple[dict, dict]:
        """The one rule that an overlay changes, before and after it."""
        changes = self.changes(config)
        self.assertEqual(1, len(changes), changes)
        return changes[0]

    def test_a_threshold(self):
        old, new = self.only_change("alerts+: { ConntrackTableHardFull+: { above: 0.9 } }")
        self.assertEqual(old | {"expr": old["expr"].replace("> 0.85", "> 0.9")}, new)

    def test_the_threshold_until_which_an_alert_stays(self):
        old, new = self.only_change("alerts+: { ConntrackTableHardFull+: { until: 0.7 } }")
        self.assertEqual(old | {"expr": old["expr"].replace("> 0.8\n", "> 0.7\n")}, new)

    def test_one_threshold_of_two(self):
        old, new = self.only_change("alerts+: { ConntrackSnatPortsRunningOut+: { nearlyExhausted+: { above: 0.99 } } }")
        self.assertEqual(old | {"expr": old["expr"].replace("> 0.98", "> 0.99")}, new)
        self.assertEqual("critical", new["labels"]["severity"])

    def test_a_severity(self):
        old, new = self.only_change("alerts+: { ConntrackSynFlood+: { severity: 'critical' } }")
        self.assertEqual("warning", old["labels"]["severity"])
        # An alert reads its own state.
        expr = old["expr"].replace('severity="warning"', 'severity="critical"')
        self.assertEqual(old | {"labels": {"severity": "critical"}, "expr": expr}, new)

    def test_durations(self):
        old, new = self.only_change("alerts+: { ConntrackEarlyDrops+: { holds: 600, lingers: 7200 } }")
        self.assertEqual(old | {"for": "10m", "keep_firing_for": "2h"}, new)

    def test_alerts_that_are_not_wanted_are_gone_and_no_others(self):
        unwanted = {"ConntrackEarlyDrops", "ConntrackTableUtilisationHigh"}
        left = overlaid("disabled: %s" % sorted(unwanted))
        self.assertEqual([rule for rule in rule_pack.rules() if rule.get("alert") not in unwanted], left)

    def test_links_to_runbooks(self):
        for old, new in self.changes("runbookUrl: 'https://example.org/%s'"):
            self.assertEqual(old | {"annotations": old["annotations"] | {"runbook_url": "https://example.org/" + old["alert"]}}, new)

    def test_links_to_dashboards_are_there_where_they_are_set(self):
        node, fleet = "https://example.org/node?var-instance={{ $labels.instance }}", "https://example.org/fleet"
        rules = overlaid(f"dashboardUrl: '{node}', fleetDashboardUrl: '{fleet}'")
        for old, new in zip(rule_pack.rules(), rules, strict=True):
            with self.subTest(rule_pack.identity(old)):
                if "alert" in old:
                    self.assertNotIn("dashboard_url", old["annotations"])
                    link = fleet if old["alert"] == "ConntrackExporterAbsent" else node
                    old = old | {"annotations": old["annotations"] | {"dashboard_url": link}}
                self.assertEqual(old, new)

    def test_labels_of_jobs_go_from_every_alert_but_that_of_a_job(self):
        changes = self.changes("jobLabels+: ['scrape_pool']")
        named = [rule_pack.identity(rule) for rule in rule_pack.alerts() if rule["alert"] != "ConntrackExporterAbsent"]
        self.assertEqual(named, [rule_pack.identity(old) for old, _ in changes])
        for old, new in changes:
            expr = old["expr"].replace("max without (job, service, endpoint, ", "max without (job, service, endpoint, scrape_pool, ")
            self.assertEqual(old | {"expr": expr}, new)

    def test_the_jobs_that_are_ours(self):
        changes = self.changes("jobPattern: 'gateways'")
        self.assertEqual(["ConntrackExporterDown"] * 2, [old["alert"] for old, _ in changes])
        for old, new in changes:
            self.assertEqual(old | {"expr": old["expr"].replace('job=~".*conntrack.*"', 'job=~"gateways"')}, new)

    def test_how_long_a_loss_is_remembered(self):
        changes = self.changes("lossMemory: 7200")
        self.assertTrue(changes)
        for old, new in changes:
            expr = old["expr"].replace("[70m]", "[2h]").replace("time() - 4200", "time() - 7200")
            changed = old | {"expr": expr}
            if "alert" in old:
                changed["annotations"] = {key: text.replace("70 minutes", "120 minutes") for key, text in old["annotations"].items()}
            self.assertEqual(changed, new)

    def test_the_selectors_are_on_every_series_of_every_rule(self):
        for rule in overlaid("selector: 'cluster=\"x\"', kubeStateMetricsSelector: 'job=\"ksm\"'"):
            found = rule_pack.selectors(rule["expr"])
            self.assertTrue(found)
            for selector in found:
                if selector.metric == "ALERTS" or selector.metric.startswith("address:"):
                    continue  # they have lost the labels of jobs, which a selector may name
                wanted = ("job", "=", "ksm") if selector.metric in rule_pack.KUBE_STATE_METRICS else ("cluster", "=", "x")
                with self.subTest(rule_pack.identity(rule), series=selector.metric):
                    self.assertIn(wanted, selector.matchers)

    def test_names_from_kubernetes_can_be_switched_off(self):
        left = overlaid("kubernetesNames: false")
        self.assertEqual([rule for rule in rule_pack.rules() if not rule_pack.KUBE_STATE_METRICS.keys() & rule_pack.read_by(rule["expr"])], left)

    def test_the_selector_is_all_that_it_changes(self):
        for old, new in zip(rule_pack.rules(), overlaid("selector: 'cluster=\"x\"'"), strict=True):
            expr = new["expr"].replace('{cluster="x"}', "").replace('cluster="x", ', "")
            self.assertEqual(old, new | {"expr": expr})

    def test_labels_of_machines_go_from_the_fleet(self):
        changed = [rule for rule in overlaid("machineLabels+: ['shelf']") if "shelf" in rule["expr"]]
        self.assertTrue(changed)
        self.assertEqual({"job"}, {rule["record"].partition(":")[0] for rule in changed})

    def test_speed_divides_every_duration(self):
        for old, new in zip(rule_pack.rules(), overlaid("", "--speed", "60"), strict=True):
            with self.subTest(rule_pack.identity(old)):
                self.assertEqual([max(1, int(duration / 60 + 0.5)) for duration in durations(old)], durations(new))
                self.assertTrue(all(duration >= 1 for duration in durations(new)))
                self.assertEqual(self.timeless(old), self.timeless(new))

    def test_speed_of_a_thousand_leaves_a_second(self):
        shortest = min(duration for rule in overlaid("", "--speed", "1000") for duration in durations(rule))
        self.assertEqual(1, shortest)

    @staticmethod
    def timeless(rule: dict) -> dict:
        """A rule without its durations, and without the thresholds and divisors that are times."""
        expr = re.sub(r"(\[|offset )\d+[smhd]", r"\1", rule["expr"])
        expr = re.sub(r"( / )\d+$", r"\1", expr, flags=re.M)
        expr = re.sub(r"(deriv\(\w+\[\]\) > 0\) < |sample_age_seconds\[\]\) > |time\(\) - )\d+$", r"\1", expr, flags=re.M)
        return {key: value for key, value in rule.items() if key not in ("for", "keep_firing_for")} | {"expr": expr}

    def test_speed_divides_the_thresholds_that_are_times(self):
        fast = {rule_pack.identity(rule): rule["expr"] for rule in overlaid("", "--speed", "60")}
        for name, severity, count, text in (
            ("ConntrackTableFillingUp", "warning", 2, "> 0) < 60\n"),
            ("ConntrackTableUtilisationHigh", "critical", 2, "> 0) < 15\n"),
            ("ConntrackFlowsSampleOld", "warning", 1, "> 5\n"),
        ):
            with self.subTest(name):
                self.assertEqual(count, fast[(name, ("severity", severity))].count(text))
        self.assertIn("> time() - 70\n", fast[("instance:conntrack_lost_packets:last_timestamp_seconds",)])

    def test_what_grew_in_a_window_is_divided_by_that_window(self):
        """For what is shorter than a second, too."""
        for speed in ("1", "60", "1000"):
            rates = [rule["expr"] for rule in overlaid("", "--speed", speed) if rule.get("record", "").endswith(":rate5m")]
            grown = [expr for expr in rates if "delta(" in expr]
            self.assertEqual(5, len(grown))
            for expr in grown:
                window = re.search(r"delta\([^)]*\[(\w+)\]\)", expr)[1]
                divisor = re.search(r"\) / (\d+)$", expr, flags=re.M)[1]
                self.assertEqual(rule_pack.seconds(window), int(divisor))


class WrongUse(unittest.TestCase):
    def test_is_refused_and_writes_nothing(self):
        for flags in (("--speed", "0"), ("--speed", "fast"), ("--speed",), ("--config", "/nowhere.libsonnet"), ("--sped", "2"), ("x",)):
            with self.subTest(flags), tempfile.TemporaryDirectory() as folder:
                words = [rule_pack.ROOT / "scripts/generate-rules", "--output", f"{folder}/out", *flags]
                done = subprocess.run(words, capture_output=True, text=True, check=False)
                self.assertEqual(2, done.returncode, done.stderr)
                self.assertTrue(done.stderr)
                self.assertEqual([], list(pathlib.Path(folder).iterdir()))

    def test_an_overlay_that_cannot_be_meant_is_refused(self):
        """One for an alert that does not exist would change nothing, in silence; a word for a threshold would be PromQL."""
        with tempfile.TemporaryDirectory() as folder:
            for config, named in (
                ("alerts+: { ConntrackSynFlod+: { above: 1 } }", "ConntrackSynFlod"),
                ("disabled: ['ConntrackSynFlod']", "ConntrackSynFlod"),
                ("alerts+: { ConntrackSynFlood+: { above: 'high' } }", "alerts.ConntrackSynFlood.above: has to be a number"),
                ("dashboardURL: 'https://example.org'", "no such setting: dashboardURL"),
                ("alerts+: { ConntrackSynFlood+: { holds: -5 } }", "alerts.ConntrackSynFlood.holds: is negative"),
                ("alerts+: { ConntrackSynFlood+: { abov: 0.2 } }", "alerts.ConntrackSynFlood.abov: no such setting"),
                ("alerts+: { ConntrackTableFull+: { severity: 'warning' } }", "alerts.ConntrackTableFull.severity: no such setting"),
                ("alerts+: { ConntrackTableUtilisationHigh+: { high+: { severity: 1 } } }", "high.severity: has to be a string"),
                ("alerts+: { ConntrackTableUtilisationHigh+: { high+: { severity: 'critical' } } }", "its parts need different severities"),
                ("alerts+: { ConntrackTableHardFull+: { above: 0.7 } }", "until (0.8) has to be below above (0.7)"),
            ):
                overlay = pathlib.Path(folder) / "overlay.libsonnet"
                overlay.write_text("{ _config+:: { %s } }\n" % config)
                words = [rule_pack.ROOT / "scripts/generate-rules", "--output", f"{folder}/out", "--config", str(overlay)]
                done = subprocess.run(words, capture_output=True, text=True, check=False)
                with self.subTest(config):
                    self.assertNotEqual(0, done.returncode)
                    self.assertIn(named, done.stderr)


if __name__ == "__main__":
    unittest.main()
