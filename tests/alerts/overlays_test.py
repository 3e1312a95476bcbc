"""What scripts/generate-rules --config and --speed change, and what they leave alone."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import rule_pack

def durations(rule: dict) -> list[int]:
    """Every duration of a rule: of `for`, of `keep_firing_for`, of ranges and offsets."""
    written = [rule[key] for key in ("for", "keep_firing_for") if key in rule]
    return [rule_pack.seconds(text) for text in written + re.findall(r"(?:\[|offset )(\d+[smhd])", rule["expr"])]


class Overlays(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def overlaid(self, config: str, *flags: str) -> list[dict]:
        """The rules with `config`, the inside of _config+::, laid over the shipped ones. promtool has to take them."""
        overlay = self.folder / "overlay.libsonnet"
        overlay.write_text("{ _config+:: { %s } }\n" % config)
        rule_pack.generate(self.folder / "out", "--only", "conntrack.rules.yml", "--config", str(overlay), *flags)
        rule_pack.run("promtool", "check", "rules", "--lint=all", "--lint-fatal", str(self.folder / "out/conntrack.rules.yml"))
        return rule_pack.rules(self.folder / "out/conntrack.rules.yml")

    def only_change(self, config: str) -> tuple[dict, dict]:
        """The one rule that an overlay changes, before and after it."""
        changes = [(old, new) for old, new in zip(rule_pack.rules(), self.overlaid(config), strict=True) if old != new]
        self.assertEqual(1, len(changes), changes)
        return changes[0]

    def test_a_threshold(self):
        old, new = self.only_change("alerts+: { ConntrackTableHardFull+: { above: 0.7 } }")
        self.assertEqual(old | {"expr": old["expr"].replace("> 0.85", "> 0.7")}, new)

    def test_one_threshold_of_two(self):
        old, new = self.only_change("alerts+: { ConntrackTableUtilisationHigh+: { nearlyFull+: { above: 0.99 } } }")
        self.assertEqual(old | {"expr": old["expr"].replace("> 0.9", "> 0.99")}, new)
        self.assertEqual("critical", new["labels"]["severity"])

    def test_a_severity(self):
        old, new = self.only_change("alerts+: { ConntrackSynFlood+: { severity: 'critical' } }")
        self.assertEqual("warning", old["labels"]["severity"])
        self.assertEqual(old | {"labels": {"severity": "critical"}}, new)

    def test_durations(self):
        old, new = self.only_change("alerts+: { ConntrackEarlyDrops+: { holds: 600, lingers: 3600 } }")
        self.assertEqual(old | {"for": "10m", "keep_firing_for": "1h"}, new)

    def test_alerts_that_are_not_wanted_are_gone_and_no_others(self):
        unwanted = {"ConntrackEarlyDrops", "ConntrackTableUtilisationHigh"}
        left = self.overlaid("disabled: %s" % sorted(unwanted))
        self.assertEqual([rule for rule in rule_pack.rules() if rule.get("alert") not in unwanted], left)

    def test_links(self):
        for rule in self.overlaid("runbookUrl: 'https://example.org/%s', dashboardUrl: '', fleetDashboardUrl: ''"):
            if "alert" in rule:
                self.assertEqual("https://example.org/" + rule["alert"], rule["annotations"]["runbook_url"])
                self.assertNotIn("dashboard_url", rule["annotations"])

    def test_the_selector_is_on_every_series_of_every_rule(self):
        for rule in self.overlaid("selector: 'cluster=\"x\"'"):
            found = rule_pack.selectors(rule["expr"])
            self.assertTrue(found)
            for selector in found:
                with self.subTest(rule_pack.identity(rule), series=selector.metric):
                    self.assertIn(("cluster", "=", "x"), selector.matchers)

    def test_the_selector_is_all_that_it_changes(self):
        for old, new in zip(rule_pack.rules(), self.overlaid("selector: 'cluster=\"x\"'"), strict=True):
            expr = new["expr"].replace('{cluster="x"}', "").replace('cluster="x", ', "")
            self.assertEqual(old, new | {"expr": expr})

    def test_labels_of_machines_go_from_the_fleet(self):
        changed = [rule for rule in self.overlaid("machineLabels+: ['shelf']") if "shelf" in rule["expr"]]
        self.assertTrue(changed)
        self.assertEqual({"job"}, {rule["record"].partition(":")[0] for rule in changed})

    def test_speed_divides_every_duration(self):
        for old, new in zip(rule_pack.rules(), self.overlaid("", "--speed", "60"), strict=True):
            with self.subTest(rule_pack.identity(old)):
                self.assertEqual([max(1, round(duration / 60)) for duration in durations(old)], durations(new))
                self.assertTrue(all(duration >= 1 for duration in durations(new)))
                self.assertEqual(self.timeless(old), self.timeless(new))

    def test_speed_of_a_thousand_leaves_a_second(self):
        shortest = min(duration for rule in self.overlaid("", "--speed", "1000") for duration in durations(rule))
        self.assertEqual(1, shortest)

    @staticmethod
    def timeless(rule: dict) -> dict:
        """A rule without its durations, and without the thresholds and divisors that are times."""
        expr = re.sub(r"(\[|offset )\d+[smhd]", r"\1", rule["expr"])
        expr = re.sub(r"(delta\(\w+\[\]\)\) / )\d+$", r"\1", expr, flags=re.M)
        expr = re.sub(r"(time_to_limit:seconds < |sample_age_seconds\[\]\) > )(3600|60|300|5)$", r"\1", expr, flags=re.M)
        return {key: value for key, value in rule.items() if key not in ("for", "keep_firing_for")} | {"expr": expr}

    def test_speed_divides_the_thresholds_that_are_times(self):
        fast = {rule.get("alert"): rule["expr"] for rule in self.overlaid("", "--speed", "60")}
        self.assertIn("conntrack_entries_time_to_limit:seconds < 60\n", fast["ConntrackTableFillingUp"])
        self.assertIn("> 5\n", fast["ConntrackFlowsSampleOld"])

    def test_what_grew_in_a_window_is_divided_by_that_window(self):
        """For what is shorter than a second, too."""
        for speed in ("1", "60", "1000"):
            grown = [rule["expr"] for rule in self.overlaid("", "--speed", speed) if "delta(" in rule["expr"]]
            self.assertEqual(3, len(grown))
            for expr in grown:
                window, divisor = re.search(r"delta\(\w+\[(\w+)\]\)\) / (\d+)$", expr, flags=re.M).groups()
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
                ("alerts+: { ConntrackSynFlood+: { above: 'high' } }", "alerts.ConntrackSynFlood.above: no number"),
                ("alerts+: { ConntrackTableUtilisationHigh+: { high+: { severity: 1 } } }", "high.severity: no text"),
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
