"""All forms of the rules are made of one source and say the same; Prometheus and Alertmanager take them."""

import copy
import pathlib
import re
import tempfile
import unittest

import helm_template
import rule_pack

ALERTS = rule_pack.ROOT / "alerts"
DEPLOY = rule_pack.ROOT / "deploy/prometheus"
PLAIN = rule_pack.load(ALERTS / "conntrack.rules.yml")


class Generated(unittest.TestCase):
    def test_the_files_are_those_that_the_generator_writes(self):
        with tempfile.TemporaryDirectory() as folder:
            rule_pack.generate(folder)
            made = {path.name: path.read_bytes() for path in pathlib.Path(folder).iterdir()}
        kept = {path.name: path.read_bytes() for path in ALERTS.glob("*.yml")}
        self.assertEqual(sorted(made), sorted(kept))
        for name, text in made.items():
            with self.subTest(name):
                self.assertTrue(text == kept[name], f"alerts/{name} is not what scripts/generate-rules writes: run it")

    def test_the_prometheusrule_has_the_same_rules(self):
        manifest = rule_pack.load(ALERTS / "conntrack.prometheusrule.yml")
        self.assertEqual(("monitoring.coreos.com/v1", "PrometheusRule"), (manifest["apiVersion"], manifest["kind"]))
        self.assertEqual(PLAIN, manifest["spec"])

    def test_every_alert_is_told_from_every_other_by_its_own_labels(self):
        names = [rule_pack.identity(rule) for rule in rule_pack.rules()]
        self.assertEqual(len(names), len(set(names)))


class Helm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.template = (ALERTS / "conntrack.helm.yml").read_text(encoding="utf-8")
        cls.defaults = rule_pack.load(ALERTS / "conntrack.helm-values.yml")

    def rendered(self, change=lambda values: None) -> dict | None:
        """The manifest with the default values, after `change` has had its way with those."""
        values = copy.deepcopy(self.defaults)
        values["prometheusRule"]["enabled"] = True
        change(values["prometheusRule"])
        return rule_pack.parse(helm_template.render(self.template, values))

    def changed(self, change) -> list[tuple[dict, dict]]:
        """The rules that `change` makes other ones, before and after it."""
        after = [rule for group in self.rendered(change)["spec"]["groups"] for rule in group["rules"]]
        return [(old, new) for old, new in zip(rule_pack.rules(), after, strict=True) if old != new]

    def test_the_default_values_are_the_plain_rules(self):
        manifest = self.rendered()
        self.assertEqual(PLAIN, manifest["spec"])
        self.assertEqual(("monitoring.coreos.com/v1", "PrometheusRule"), (manifest["apiVersion"], manifest["kind"]))
        self.assertEqual("conntrack", manifest["metadata"]["name"])

    def test_off_is_nothing_at_all_and_that_is_the_default(self):
        self.assertFalse(self.defaults["prometheusRule"]["enabled"])
        self.assertIsNone(self.rendered(lambda values: values.update(enabled=False)))

    def test_labels_are_added(self):
        labels = self.rendered(lambda values: values.update(labels={"release": "kps", "role": "rules"}))["metadata"]["labels"]
        self.assertLessEqual({"release": "kps", "role": "rules"}.items(), labels.items())
        self.assertEqual("conntrack-exporter", labels["app.kubernetes.io/name"])

    def test_every_value_of_an_alert_changes_that_alert_and_no_other(self):
        for name, settings in self.defaults["prometheusRule"]["alerts"].items():
            for path, value in leaves(settings):
                with self.subTest(name, value=path):
                    other = "another" if isinstance(value, str) else value + 7000
                    changes = self.changed(lambda values: put(values["alerts"][name], path, other))
                    # What is full for the one is room for the other.
                    also = {"ConntrackPacketsRefused"} if path == ("fullAbove",) else set()
                    self.assertEqual({name} | also, {new["alert"] for _, new in changes})
                    for old, new in changes:
                        self.assertEqual(without(old, path[-1]), without(new, path[-1]))
                        self.assertIn(other if isinstance(other, str) else f"{other:g}", str(new))
                    if path == ("meanChain", "above"):
                        self.assertEqual(2, len(changes), "long chains are told only where the mean one is not long")
                    elif len(path) == 2:
                        self.assertEqual(1, len(changes), "one severity of two")

    def test_links_lead_where_the_values_say(self):
        for value, key in (("runbookUrl", "runbook_url"), ("dashboardUrl", "dashboard_url"), ("fleetDashboardUrl", "dashboard_url")):
            with self.subTest(value):
                link = "https://example.org/%s" if value == "runbookUrl" else "https://example.org/{{ $labels.instance }}"
                changes = self.changed(lambda values: values.update({value: link}))
                self.assertTrue(changes)
                for old, new in changes:
                    self.assertEqual(link.replace("%s", new["alert"]), new["annotations"][key])
                    self.assertEqual(without(old, key), without(new, key))
        self.assertEqual(
            len(rule_pack.alerts()), len(self.changed(lambda values: values.update(runbookUrl="https://example.org/%s")))
        )

    def test_the_renderer_refuses_what_it_does_not_know(self):
        for broken in ("{{ include `x` . }}", "{{ if .Values.a }}", "{{ .Values.missing }}"):
            with self.subTest(broken), self.assertRaises((ValueError, KeyError)):
                helm_template.render(broken, {"a": True})


def leaves(settings: dict, path: tuple = ()):
    for key, value in settings.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def put(settings: dict, path: tuple, value) -> None:
    for key in path[:-1]:
        settings = settings[key]
    settings[path[-1]] = value


def without(rule: dict, field: str) -> dict:
    """The rule without what a value of that name may change."""
    rule = copy.deepcopy(rule)
    if field == "severity":
        del rule["labels"]["severity"]
    elif field in rule["annotations"]:
        del rule["annotations"][field]
    else:
        rule["expr"] = re.sub(r"([<>] )[\d.e+]+", r"\1", rule["expr"])
    return rule


class Alertmanager(unittest.TestCase):
    config = str(DEPLOY / "alertmanager.yml")

    def test_the_example_has_the_inhibition_rules_as_they_are_generated(self):
        shipped = rule_pack.load(ALERTS / "inhibit_rules.yml")["inhibit_rules"]
        self.assertTrue(shipped)
        self.assertEqual(shipped, rule_pack.load(self.config)["inhibit_rules"])

    def test_amtool_takes_the_example(self):
        self.assertIn("SUCCESS", rule_pack.run("amtool", "check-config", self.config))

    def test_each_severity_goes_where_it_should(self):
        for severity, receiver in (("critical", "pager"), ("warning", "ticket"), ("info", "nobody")):
            for name in ("ConntrackTableFull", "ConntrackExporterAbsent", "SomebodyElses"):
                with self.subTest(severity, alert=name):
                    words = ("config", "routes", "test", f"--config.file={self.config}", f"--verify.receivers={receiver}")
                    rule_pack.run("amtool", *words, f"alertname={name}", f"severity={severity}", "job=conntrack")

    def test_inhibition_names_alerts_that_exist(self):
        names = {rule["alert"] for rule in rule_pack.alerts()}
        for rule in rule_pack.load(ALERTS / "inhibit_rules.yml")["inhibit_rules"]:
            for matcher in rule["source_matchers"] + rule["target_matchers"]:
                label, operator, value = re.fullmatch(r'(\w+)(=~|!=|=)"(.*)"', matcher).groups()
                if label == "alertname":
                    with self.subTest(matcher):
                        matching = {name for name in names if re.fullmatch(value, name)}
                        self.assertTrue(matching)
                        if value != "Conntrack.+":
                            self.assertEqual(set(value.split("|")), matching)
                elif label == "severity":
                    self.assertIn(value, {alert["labels"]["severity"] for alert in rule_pack.alerts()})

    def test_inhibition_compares_labels_that_the_alerts_have(self):
        known = rule_pack.with_recorded(rule_pack.golden())
        for rule in rule_pack.load(ALERTS / "inhibit_rules.yml")["inhibit_rules"]:
            for label in set(rule["equal"]) - rule_pack.TARGET_LABELS:
                for matcher in rule["source_matchers"] + rule["target_matchers"]:
                    if matcher.startswith("alertname"):
                        (name,) = re.findall(r'"(.*)"', matcher)
                        for alert in (alert for alert in rule_pack.alerts() if alert["alert"] == name):
                            self.assertIn(label, rule_pack.inherited(alert["expr"], known), name)


class Prometheus(unittest.TestCase):
    def test_promtool_takes_the_example_and_finds_the_rules(self):
        said = rule_pack.run("promtool", "check", "config", str(DEPLOY / "prometheus.yml"))
        self.assertRegex(said, rf"SUCCESS: {len(rule_pack.rules())} rules found")


if __name__ == "__main__":
    unittest.main()
