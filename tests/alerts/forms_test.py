"""All forms of the rules are made of one source and say the same; Prometheus and Alertmanager take them."""

import copy
import json
import pathlib
import re
import tempfile
import unittest

import helm_template
import rule_pack

ALERTS = rule_pack.ROOT / "alerts"
DEPLOY = rule_pack.ROOT / "deploy/prometheus"
PLAIN = rule_pack.load(ALERTS / "conntrack.rules.yml")
# Values of one alert that are another's too.
ALSO = {
    # A host that loses so many is not to be unseen.
    ("ConntrackTableFull", "losing", "above"): {"ConntrackExporterDown", "ConntrackKernelLogTableFull"},
    # The kernel's log is no page for a loss that is none.
    ("ConntrackTableFull", "losing", "ofNewFlows"): {"ConntrackKernelLogTableFull"},
    # A day on which the table was nearly full is no yardstick.
    ("ConntrackTableUtilisationHigh", "nearlyFull", "above"): {"ConntrackTableFillingUp"},
    # One sign of two causes: they are told apart by INVALID packets.
    # And connections that one direction leaves in CLOSE_WAIT are no leak.
    ("ConntrackSynFlood", "above"): {"ConntrackAsymmetricRouting", "ConntrackStateLeak"},
    ("ConntrackSynFlood", "until"): {"ConntrackAsymmetricRouting"},
    ("ConntrackSynFlood", "ofTcpAbove"): {"ConntrackAsymmetricRouting"},
    ("ConntrackAsymmetricRouting", "invalidPerFlow"): {"ConntrackSynFlood"},
}


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


    def test_mimir_takes_every_group(self):
        """By default it takes 20 rules in each."""
        self.assertEqual([], [group["name"] for group in PLAIN["groups"] if len(group["rules"]) > 20])


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
        labels = self.rendered(lambda values: values.update(additionalLabels={"release": "kps", "role": "rules"}))["metadata"]["labels"]
        self.assertLessEqual({"release": "kps", "role": "rules"}.items(), labels.items())
        self.assertEqual("conntrack-exporter", labels["app.kubernetes.io/name"])

    def test_every_value_of_an_alert_changes_that_alert_and_no_other(self):
        for name, settings in self.defaults["prometheusRule"]["alerts"].items():
            for path, value in leaves(settings):
                with self.subTest(name, value=path):
                    other = "another-level" if isinstance(value, str) else value + 7000
                    changes = self.changed(lambda values: put(values["alerts"][name], path, other))
                    self.assertEqual({name} | ALSO.get((name, *path), set()), {new["alert"] for _, new in changes})
                    own = [old for old, _ in changes if old["alert"] == name]
                    if (name, *path) == ("ConntrackHashOverloaded", "meanChain", "above"):
                        self.assertEqual(2, len(own), "long chains are told only where the mean one is not long")
                    elif len(path) == 2:
                        self.assertEqual(1, len(own), "one severity of two")
                    for old, new in changes:
                        self.assertEqual(json.dumps(old), json.dumps(new).replace(written(other), written(value)))
                    if path[-1] == "severity":
                        self.assertEqual({other}, {new["labels"]["severity"] for _, new in changes})

    def test_the_schema_of_the_chart_names_all_values_and_no_others(self):
        chart = rule_pack.ROOT / "deploy/helm/conntrack-exporter/values.schema.json"
        (numbers, parts) = json.loads(chart.read_text(encoding="utf-8"))["definitions"]["alert"]["patternProperties"]
        paths = [path for settings in self.defaults["prometheusRule"]["alerts"].values() for path, _ in leaves(settings)]
        self.assertEqual({path[-1] for path in paths} - {"severity"}, set(named(numbers)))
        self.assertEqual({path[0] for path in paths if len(path) == 2}, set(named(parts)))

    def test_links_lead_where_the_values_say(self):
        nodes, fleet = {rule["alert"] for rule in rule_pack.alerts()} - {"ConntrackExporterAbsent"}, {"ConntrackExporterAbsent"}
        for value, key, alerts in (
            ("runbookUrl", "runbook_url", nodes | fleet),
            ("dashboardUrl", "dashboard_url", nodes),
            ("fleetDashboardUrl", "dashboard_url", fleet),
        ):
            with self.subTest(value):
                link = "https://example.org/%s" if value == "runbookUrl" else "https://example.org/{{ $labels.instance }}"
                changes = self.changed(lambda values: values.update({value: link}))
                self.assertEqual(
                    [rule_pack.identity(rule) for rule in rule_pack.alerts() if rule["alert"] in alerts],
                    [rule_pack.identity(old) for old, _ in changes],
                )
                for old, new in changes:
                    self.assertEqual(old | {"annotations": old["annotations"] | {key: link.replace("%s", new["alert"])}}, new)

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


def written(value) -> str:
    return value if isinstance(value, str) else f"{value:g}"


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
        severities = {alert["labels"]["severity"] for alert in rule_pack.alerts()}
        for rule in inhibition():
            for matcher in rule["source_matchers"] + rule["target_matchers"]:
                label, _, value = read(matcher)
                with self.subTest(matcher):
                    if label == "alertname" and value != "Conntrack.+":
                        self.assertLessEqual(set(value.split("|")), names)
                    elif label == "severity":
                        self.assertLessEqual(set(value.split("|")), severities)
            for side in ("source_matchers", "target_matchers"):
                self.assertTrue(any(matches(rule[side], told(alert)) for alert in rule_pack.alerts()), rule[side])

    def test_inhibition_compares_labels_that_the_alerts_have(self):
        """And where an alert of a machine has more than one instance, all labels that tell these apart."""
        known = rule_pack.with_recorded(rule_pack.golden())
        for rule in inhibition():
            compared = set(rule["equal"]) - rule_pack.TARGET_LABELS - {"alertname"}
            both = [a for a in rule_pack.alerts() if matches(rule["source_matchers"], told(a)) or matches(rule["target_matchers"], told(a))]
            self.assertLessEqual(compared, set().union(*(rule_pack.inherited(alert["expr"], known) for alert in both)))
        levels: dict[str, set[str]] = {}
        for alert in rule_pack.alerts():
            levels.setdefault(alert["alert"], set()).add(alert["labels"]["severity"])
        (of_one_name,) = [rule for rule in inhibition() if "alertname" in rule["equal"]]
        for alert in rule_pack.alerts():
            if len(levels[alert["alert"]]) > 1:
                with self.subTest(alert["alert"]):
                    own = set(rule_pack.inherited(alert["expr"], known)) | set(alert["labels"])
                    self.assertLessEqual(own & TELL_APART, set(of_one_name["equal"]))

    def test_one_alert_for_one_cause(self):
        page, ticket, note = ({"severity": severity} for severity in ("critical", "warning", "info"))
        full, high, down = "ConntrackTableFull", "ConntrackTableUtilisationHigh", "ConntrackExporterDown"
        port_53, port_80 = {"remote_port": "53"}, {"remote_port": "80"}
        for source, target, held_back in (
            # Nothing is known of a machine that is not seen, and nothing is a page because of that.
            ((down, ticket), ("ConntrackSynFlood", ticket), True),
            ((down, ticket), ("ConntrackPacketsLost", note), True),
            ((down, ticket), (full, ticket), False),
            ((down, ticket), (full, page), False),
            ((down, ticket), (down, page), False),
            ((down, page), (down, ticket), True),
            # The page and the ticket of one thing.
            ((full, page), (full, ticket), True),
            ((full, ticket), (full, page), False),
            ((high, page), (high, ticket), True),
            (("ConntrackKernelLogTableFull", page), ("ConntrackKernelLogTableFull", note), True),
            (("ConntrackSnatPortsRunningOut", page | port_53), ("ConntrackSnatPortsRunningOut", ticket | port_53), True),
            (("ConntrackSnatPortsRunningOut", page | port_53), ("ConntrackSnatPortsRunningOut", ticket | port_80), False),
            (("ConntrackNetnsTableFull", page | {"netns": "a"}), ("ConntrackNetnsTableFull", ticket | {"netns": "a"}), True),
            (("ConntrackNetnsTableFull", page | {"netns": "a"}), ("ConntrackNetnsTableFull", ticket | {"netns": "b"}), False),
            # A table that is full, and what comes of it. A loss that is over holds back no page.
            ((full, page), (high, page), True),
            ((full, page), ("ConntrackKernelLogTableFull", page), True),
            ((full, ticket), (high, page), False),
            ((full, ticket), (high, ticket), True),
            ((full, ticket), ("ConntrackEarlyDrops", ticket), True),
            ((full, page), ("ConntrackSynFlood", ticket), False),
            ((full, page), ("ConntrackPacketsLost", note), False),
            (("ConntrackTableHardFull", ticket), (high, ticket), True),
            (("ConntrackTableHardFull", ticket), (high, page), False),
            ((high, ticket), ("ConntrackTableFillingUp", ticket), True),
            # Others.
            (("ConntrackNetnsTableFull", page | {"netns": "a"}), ("ConntrackKernelLogTableFull", page), True),
            (("ConntrackChainsTooLong", ticket), ("ConntrackHashOverloaded", note | {"what": "mean_chain"}), True),
            (("ConntrackSnatPortsRunningOut", page | port_53), ("ConntrackClashesLost", ticket), True),
            (("ConntrackSnatPortsRunningOut", ticket | port_53), ("ConntrackClashesLost", ticket), False),
            (("ConntrackCollectorFailed", ticket | {"collector": "flows"}), ("ConntrackFlowsSampleOld", ticket), True),
            (("ConntrackCollectorFailed", ticket | {"collector": "stat"}), ("ConntrackFlowsSampleOld", ticket), False),
        ):
            with self.subTest(source=source, target=target):
                of = [{"alertname": name, "instance": "gw1", "cluster": "a"} | labels for name, labels in (source, target)]
                self.assertEqual(held_back, inhibited(*of))
                self.assertFalse(inhibited(of[0] | {"instance": "gw2"}, of[1]), "another machine")
                self.assertFalse(inhibited(of[0] | {"cluster": "b"}, of[1]), "another cluster")


def named(pattern: str) -> list[str]:
    """The names in a pattern ^(a|b)$."""
    return re.fullmatch(r"\^\((.*)\)\$", pattern)[1].split("|")


# Labels of alerts of which one machine may have several at a time.
TELL_APART = {"netns", "address", "protocol", "remote_address", "remote_port", "ct_zone", "flow_state", "source_address", "collector"}


def inhibition() -> list[dict]:
    return rule_pack.load(ALERTS / "inhibit_rules.yml")["inhibit_rules"]


def read(matcher: str) -> tuple[str, str, str]:
    """Label, operator and value of a matcher of Alertmanager."""
    return re.fullmatch(r'(\w+)(=~|!~|!=|=)"(.*)"', matcher).groups()


def matches(matchers: list[str], labels: dict[str, str]) -> bool:
    def one(label: str, operator: str, value: str) -> bool:
        has = labels.get(label, "")
        found = re.fullmatch(value, has) is not None
        return {"=": has == value, "!=": has != value, "=~": found, "!~": not found}[operator]

    return all(one(*read(matcher)) for matcher in matchers)


def told(alert: dict) -> dict[str, str]:
    """An alert as Alertmanager has it, as far as its rule says."""
    collector = {"collector": "flows"} if alert["alert"] == "ConntrackCollectorFailed" else {}
    return {"alertname": alert["alert"]} | alert["labels"] | collector


def inhibited(source: dict[str, str], target: dict[str, str]) -> bool:
    """Whether Alertmanager holds `target` back while `source` fires."""
    return any(
        matches(rule["source_matchers"], source)
        and matches(rule["target_matchers"], target)
        # What matches both sides is held back by nothing that does so too.
        and not (matches(rule["source_matchers"], target) and matches(rule["target_matchers"], source))
        and all(source.get(label, "") == target.get(label, "") for label in rule["equal"])
        for rule in inhibition()
    )


class Prometheus(unittest.TestCase):
    def test_promtool_takes_the_example_and_finds_the_rules(self):
        said = rule_pack.run("promtool", "check", "config", str(DEPLOY / "prometheus.yml"))
        self.assertRegex(said, rf"SUCCESS: {len(rule_pack.rules())} rules found")


if __name__ == "__main__":
    unittest.main()
