"""The files for Kubernetes as they stand: what they promise, that copies are copies, and that their documentation is complete."""

import json
import os
import pathlib
import re
import shutil
import tempfile
import unittest

import yaml

from deployment import BASE, CHART, PLAIN, ROOT, container, load, one, pod, run

VALUES = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
COMPONENTS = PLAIN / "components"


class DaemonSet(unittest.TestCase):
    """What is promised to who lets it onto every node."""

    plain = load(BASE)

    def test_it_has_the_network_of_the_host_and_nothing_else_of_it(self):
        spec = pod(self.plain)
        self.assertTrue(spec["hostNetwork"])
        for field in ("hostPID", "hostIPC", "hostUsers"):
            self.assertNotIn(field, spec)
        self.assertEqual({"/etc", "/usr", "/run"}, {volume["hostPath"]["path"] for volume in spec["volumes"]})
        for mount in container(self.plain)["volumeMounts"]:
            self.assertTrue(mount["readOnly"], mount)

    def test_it_is_no_root_and_has_one_capability(self):
        security = {**pod(self.plain)["securityContext"], **container(self.plain)["securityContext"]}
        self.assertEqual({"drop": ["ALL"], "add": ["NET_ADMIN"]}, security["capabilities"])
        self.assertIs(False, security["allowPrivilegeEscalation"])
        self.assertIs(True, security["readOnlyRootFilesystem"])
        self.assertIs(True, security["runAsNonRoot"])
        self.assertGreater(security["runAsUser"], 0)
        self.assertEqual("RuntimeDefault", security["seccompProfile"]["type"])
        self.assertNotIn("privileged", security)

    def test_it_asks_the_api_server_for_nothing(self):
        self.assertIs(False, pod(self.plain)["automountServiceAccountToken"])
        self.assertIs(False, one(self.plain, "ServiceAccount")["automountServiceAccountToken"])
        self.assertEqual(["DaemonSet", "Namespace", "ServiceAccount"], sorted(document["kind"] for document in self.plain))

    def test_its_namespace_lets_it_in(self):
        namespace = one(self.plain, "Namespace")["metadata"]
        self.assertEqual("privileged", namespace["labels"]["pod-security.kubernetes.io/enforce"])
        for kind in ("ServiceAccount", "DaemonSet"):
            self.assertEqual(namespace["name"], one(self.plain, kind)["metadata"]["namespace"])

    def test_it_runs_on_every_node_and_is_replaced_bit_by_bit(self):
        self.assertEqual([{"operator": "Exists"}], pod(self.plain)["tolerations"])
        self.assertTrue(pod(self.plain)["priorityClassName"])
        self.assertEqual("RollingUpdate", one(self.plain, "DaemonSet")["spec"]["updateStrategy"]["type"])
        self.assertEqual({"memory"}, set(container(self.plain)["resources"]["limits"]))

    def test_the_exporter_knows_its_flags(self):
        flags = set(re.findall(r"--[a-z][\w.-]+", run(os.environ["CONNTRACK_EXPORTER"], "--help").stdout))
        used = {argument.partition("=")[0] for argument in container(self.plain)["args"]}
        for file in (*PLAIN.glob("**/kustomization.yaml"), CHART / "templates/daemonset.yaml", CHART / "templates/_helpers.tpl"):
            used |= set(re.findall(r"(?:- |value: )(--[a-z][\w.-]+\w)(?==|\s)", file.read_text(encoding="utf-8")))
        self.assertLess({"--web.listen-address", "--path.rootfs", "--collector.netns", "--web.config.file", "--log.level"}, used)
        self.assertEqual(set(), used - flags)

    def test_every_collector_of_the_exporter_is_a_value(self):
        # collector_lists_test.cc makes the names.
        for values in SCHEMA["properties"]["collectors"]["properties"].values():
            self.assertEqual({"$ref": "#/definitions/collector"}, values["items"])


class Copies(unittest.TestCase):
    """Neither Helm nor kustomize reads outside of its folder."""

    def assert_same(self, source: pathlib.Path, copy: pathlib.Path, made_by: str):
        self.assertTrue(source.read_bytes() == copy.read_bytes(), f"{copy.relative_to(ROOT)} is not {source.relative_to(ROOT)}: {made_by}")

    def test_the_rules_are_those_of_alerts(self):
        self.assert_same(ROOT / "alerts/conntrack.helm.yml", CHART / "templates/prometheusrule.yaml", "scripts/generate-rules")
        self.assert_same(ROOT / "alerts/conntrack.prometheusrule.yml", COMPONENTS / "prometheusrule/conntrack.prometheusrule.yml",
                         "scripts/generate-rules")
        (made,) = load(ROOT / "alerts/conntrack.helm-values.yml")
        self.assertEqual(made["prometheusRule"], VALUES["prometheusRule"], "scripts/generate-rules")

    def test_the_dashboards_are_those_of_dashboards(self):
        names = sorted(path.name for path in (ROOT / "dashboards").glob("*.json"))
        self.assertTrue(names)
        self.assertEqual(names, sorted(path.name for path in (CHART / "dashboards").iterdir()))
        maps = load(COMPONENTS / "dashboards/dashboards.yml")
        shown = {file: json.loads(text) for one_ in maps for file, text in one_["data"].items()}
        self.assertEqual(names, sorted(shown))
        for name in names:
            self.assert_same(ROOT / "dashboards" / name, CHART / "dashboards" / name, "scripts/generate-dashboards")
            self.assertEqual(json.loads((ROOT / "dashboards" / name).read_text(encoding="utf-8")), shown[name])

    def test_there_is_one_version(self):
        project = re.search(r"project\(\s*\w+\s+VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"))[1]
        (about,) = load(CHART / "Chart.yaml")
        self.assertEqual((project, project), (about["version"], about["appVersion"]))
        image, _, tag = container(load(BASE))["image"].rpartition(":")
        self.assertEqual((f"{VALUES['image']['registry']}/{VALUES['image']['repository']}", project), (image, tag))
        self.assertIn(f"{image}:{tag}", about["annotations"]["artifacthub.io/images"])


def leaves(values: dict, path: str = ""):
    for key, value in values.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value and name not in WHOLE:
            yield from leaves(value, name)
        else:
            yield name, value


# Values that the README has in one line each.
WHOLE = {"affinity", "nodeSelector", "podAnnotations", "podSecurityContext", "securityContext", "updateStrategy", "resources",
         "livenessProbe", "readinessProbe", "prometheusRule.alerts", "dashboards.labels", "dashboards.annotations"}
LONG = "see values.yaml"


def documented() -> dict[str, str]:
    text = (CHART / "README.md").read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^\| `([\w.]+)` \| (.*?) \| .+ \|$", text))


class Values(unittest.TestCase):
    def test_the_readme_has_every_value_and_its_default(self):
        rows = documented()
        expected = dict(leaves(VALUES))
        self.assertEqual(sorted(expected), sorted(rows))
        for name, value in expected.items():
            with self.subTest(name):
                if rows[name] != LONG:
                    self.assertEqual(value, yaml.safe_load(rows[name].strip("`")) if rows[name] else "")
                else:
                    self.assertIsInstance(value, (dict, list))

    def test_the_schema_has_every_value_and_no_other(self):
        self.assert_described(VALUES, SCHEMA, "")

    def assert_described(self, values: dict, schema: dict, path: str):
        with self.subTest(path):
            if path != ".global":  # It is shared by all charts of a release.
                self.assertIs(False, schema["additionalProperties"])
            self.assertLessEqual(set(values), set(schema["properties"]))
        for name, value in values.items():
            child = schema["properties"].get(name, {})
            if isinstance(value, dict) and "properties" in child:
                self.assert_described(value, child, f"{path}.{name}")


class Documentation(unittest.TestCase):
    page = (ROOT / "docs/kubernetes.md").read_text(encoding="utf-8")

    def test_prometheus_takes_the_scrape_configuration(self):
        promtool = shutil.which("promtool") or str(ROOT / "build/tools/usr/bin/promtool")
        if not pathlib.Path(promtool).exists():
            print("SKIPPED: no promtool: scripts/install-dependencies test")
            self.skipTest("no promtool")
        (text,) = re.findall(r"```yaml\n(scrape_configs:.*?)```", self.page, re.DOTALL)
        config = yaml.safe_load(text)
        (job,) = config["scrape_configs"]
        # Debian's Prometheus is built without discovery in Kubernetes.
        self.assertEqual([{"role": "pod", "namespaces": {"names": ["conntrack-exporter"]}}], job.pop("kubernetes_sd_configs"))
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            yaml.safe_dump(config, file)
            self.assertIn("SUCCESS", run(promtool, "check", "config", file.name).stdout)
        relabel = {rule.get("target_label"): rule for rule in job["relabel_configs"]}
        (monitor,) = load(COMPONENTS / "podmonitor/podmonitor.yml")
        (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
        self.assertEqual(endpoint["relabelings"][0]["sourceLabels"], relabel["instance"]["source_labels"])
        self.assertEqual(monitor["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"], job["job_name"])

    def test_paths_that_it_names_exist(self):
        for path in set(re.findall(r"(?:deploy|scripts|tests)/[\w./-]+\w", self.page)):
            with self.subTest(path):
                self.assertTrue((ROOT / path).exists())


if __name__ == "__main__":
    unittest.main()
