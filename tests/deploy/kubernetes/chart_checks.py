"""The Helm chart, rendered by Helm."""

import json
import pathlib
import unittest

import yaml

from deployment import BASE, CHART, PLAIN, chart, complaints, container, helm, kinds, load, one, pod

HERE = pathlib.Path(__file__).resolve().parent
CASES = sorted((CHART / "ci").glob("*-values.yaml"))


def without_helm(document: dict) -> dict:
    """Without the labels that only a chart has."""
    labels = document["metadata"]["labels"]
    for name in ("app.kubernetes.io/managed-by", "helm.sh/chart"):
        del labels[name]
    return document


def case(name: str) -> list[dict]:
    return chart("--values", CHART / f"ci/{name}-values.yaml")


class Rendered(unittest.TestCase):
    def test_lint_has_nothing_to_say_with_any_values(self):
        self.assertTrue(CASES)
        for values in ((), *(("--values", path) for path in CASES)):
            with self.subTest(values):
                helm("lint", "--strict", CHART, *values)

    def test_the_schemas_take_it_with_any_values(self):
        for values in ((), *(("--values", path) for path in CASES)):
            with self.subTest(values):
                self.assertEqual("", complaints(chart(*values)))

    def test_the_schemas_would_find_something(self):
        documents = chart()
        container(documents)["livenesProbe"] = {}
        pod(documents)["hostNetwork"] = "yes"
        said = complaints(documents)
        self.assertIn("unknown field /spec/template/spec/containers/0/livenesProbe", said)
        self.assertIn("hostNetwork must be boolean", said)

    def test_by_default_it_is_the_plain_daemonset(self):
        documents = chart()
        self.assertEqual(["DaemonSet", "ServiceAccount"], kinds(documents))
        for kind in kinds(documents):
            self.assertEqual(one(load(BASE), kind), without_helm(one(documents, kind)))

    def test_the_podmonitor_is_that_of_the_component(self):
        made = without_helm(one(chart("--set", "podMonitor.enabled=true"), "PodMonitor"))
        (plain,) = load(PLAIN / "components/podmonitor/podmonitor.yml")
        del made["metadata"]["labels"]["app.kubernetes.io/version"]
        self.assertEqual(plain, made)

    def test_the_rules_are_those_of_the_component(self):
        made = one(chart("--set", "prometheusRule.enabled=true"), "PrometheusRule")
        self.assertEqual(load(PLAIN / "components/prometheusrule/conntrack.prometheusrule.yml")[0]["spec"], made["spec"])

    def test_the_dashboards_are_those_of_the_component(self):
        made = [one_ for one_ in chart("--set", "dashboards.enabled=true") if one_["kind"] == "ConfigMap"]
        plain = load(PLAIN / "components/dashboards/dashboards.yml")

        def by_file(maps):
            return {file: json.loads(text) for one_ in maps for file, text in one_["data"].items()}

        self.assertEqual(by_file(plain), by_file(made))
        for labels in [one_["metadata"]["labels"] for one_ in made]:
            self.assertEqual("1", labels["grafana_dashboard"])

    def test_labels_select_the_pods_and_keep_versions_out(self):
        for path in CASES:
            with self.subTest(path.name):
                spec = one(chart("--values", path), "DaemonSet")["spec"]
                selected = spec["selector"]["matchLabels"]
                self.assertEqual({"app.kubernetes.io/name", "app.kubernetes.io/instance"}, set(selected))
                self.assertLessEqual(selected.items(), spec["template"]["metadata"]["labels"].items())

    def test_names_fit_whatever_the_release_is_called(self):
        for release in ("a", "conntrack-exporter-of-a-cluster-with-quite-a-long-nam"):
            with self.subTest(release):
                documents = chart("--set", "service.enabled=true,tls.secretName=x,dashboards.enabled=true", release=release)
                self.assertLessEqual(max(len(document["metadata"]["name"]) for document in documents), 63)
        self.assertEqual("a-conntrack-exporter", one(chart(release="a"), "DaemonSet")["metadata"]["name"])


class Values(unittest.TestCase):
    def test_the_network_namespaces_bring_the_processes_of_the_host(self):
        documents = chart("--set", "collectors.enabled={netns}")
        self.assertTrue(pod(documents)["hostPID"])
        self.assertIn("--collector.netns", container(documents)["args"])
        self.assertNotIn("run", [volume["name"] for volume in pod(documents)["volumes"]])
        self.assertNotIn("hostPID", pod(chart()))

    def test_workloads_bring_the_processes_and_the_cgroups_of_the_host(self):
        documents = chart("--set", "collectors.enabled={workloads}")
        self.assertTrue(pod(documents)["hostPID"])
        self.assertIn("--collector.workloads", container(documents)["args"])
        for listed in (pod(documents)["volumes"], container(documents)["volumeMounts"]):
            self.assertIn("cgroup", [volume["name"] for volume in listed])

    def test_bpf_adds_the_capabilities_of_the_components_and_nothing_else(self):
        plain, made = chart(), chart("--set", "bpf.enabled=true")
        self.assertEqual(["NET_ADMIN", "BPF", "PERFMON", "SYSLOG"], container(made)["securityContext"]["capabilities"]["add"])
        container(made)["securityContext"]["capabilities"]["add"] = ["NET_ADMIN"]
        self.assertEqual(one(plain, "DaemonSet"), one(made, "DaemonSet"))
        own = chart("--set", "bpf.enabled=true", "--set-json", "securityContext.capabilities=null")
        self.assertEqual({"add": ["BPF", "PERFMON", "SYSLOG"]}, container(own)["securityContext"]["capabilities"])

    def test_without_persistence_no_folder_of_the_host_is_mounted(self):
        documents = case("no-host-folders")
        self.assertNotIn("volumes", pod(documents))
        self.assertNotIn("volumeMounts", container(documents))
        self.assertEqual(["--web.listen-address=:10318", "--no-collector.persistence"], container(documents)["args"])

    def test_the_address_of_the_node_and_loopback(self):
        self.assertIn("--web.listen-address=$(HOST_IP):9318", container(case("secured"))["args"])
        self.assertIn("--web.listen-address=127.0.0.1:9318", container(case("secured"))["args"])
        self.assertIn("--web.listen-address=[$(HOST_IP)]:10318", container(case("everything"))["args"])
        names = [variable["name"] for variable in container(case("everything"))["env"]]
        self.assertEqual(["HOST_IP", "TZ"], names)

    def test_tls_is_for_exporter_monitor_and_probes(self):
        documents = case("secured")
        config = yaml.safe_load(one(documents, "Secret")["stringData"]["web-config.yml"])
        self.assertEqual("TLS13", config["tls_server_config"]["min_version"])
        self.assertEqual("RequireAndVerifyClientCert", config["tls_server_config"]["client_auth_type"])
        self.assertEqual(["prometheus"], list(config["basic_auth_users"]))
        mounted = {mount["name"]: mount["mountPath"] for mount in container(documents)["volumeMounts"]}
        for file in ("cert_file", "key_file", "client_ca_file"):
            self.assertTrue(config["tls_server_config"][file].startswith(mounted["tls"] + "/"))
        self.assertIn(f"--web.config.file={mounted['web']}/web-config.yml", container(documents)["args"])
        for probe in ("livenessProbe", "readinessProbe"):
            command = container(documents)[probe]["exec"]["command"]
            self.assertEqual(["/usr/bin/conntrack_exporter", "healthcheck", "--web.listen-address=127.0.0.1:9318"], command)
        (endpoint,) = one(documents, "PodMonitor")["spec"]["podMetricsEndpoints"]
        self.assertEqual("https", endpoint["scheme"])
        self.assertIn("cert", endpoint["tlsConfig"])

    def test_a_webconfig_without_tls_stays_http(self):
        documents = chart("--set", "webConfig.basic_auth_users.a=b,podMonitor.enabled=true")
        self.assertEqual({"basic_auth_users": {"a": "b"}}, yaml.safe_load(one(documents, "Secret")["stringData"]["web-config.yml"]))
        self.assertEqual("http", one(documents, "PodMonitor")["spec"]["podMetricsEndpoints"][0]["scheme"])
        self.assertIn("exec", container(documents)["livenessProbe"])

    def test_a_monitor_elsewhere_selects_the_namespace_of_the_pods(self):
        monitor = one(case("monitoring"), "PodMonitor")
        self.assertEqual("monitoring", monitor["metadata"]["namespace"])
        self.assertEqual(["conntrack-exporter"], monitor["spec"]["namespaceSelector"]["matchNames"])
        self.assertEqual(5000, monitor["spec"]["sampleLimit"])
        self.assertEqual("kube-prometheus-stack", monitor["metadata"]["labels"]["release"])

    def test_the_servicemonitor_brings_its_service_and_takes_the_same_values(self):
        documents = case("everything")
        monitor, service = one(documents, "ServiceMonitor"), one(documents, "Service")
        self.assertEqual({"node": True}, monitor["spec"]["attachMetadata"])
        self.assertEqual(["tier"], monitor["spec"]["podTargetLabels"])
        self.assertLessEqual(monitor["spec"]["selector"]["matchLabels"].items(), service["metadata"]["labels"].items())
        (endpoint,) = monitor["spec"]["endpoints"]
        self.assertEqual(service["spec"]["ports"][0]["name"], endpoint["port"])
        self.assertEqual("token", endpoint["authorization"]["credentials"]["name"])
        (by_pod,) = one(chart("--set", "podMonitor.enabled=true"), "PodMonitor")["spec"]["podMetricsEndpoints"]
        self.assertEqual(by_pod["relabelings"], endpoint["relabelings"])

    def test_the_namespace_can_be_another_one(self):
        on = ",".join(f"{part}.enabled=true" for part in ("podMonitor", "serviceMonitor", "prometheusRule", "dashboards", "networkPolicy"))
        documents = chart("--set", f"namespaceOverride=tracking,{on},webConfig.http_server_config.http2=false")
        self.assertGreater(len({document["kind"] for document in documents}), 7)
        self.assertEqual({"tracking"}, {document["metadata"]["namespace"] for document in documents})

    def test_the_values_of_node_exporters_chart_have_their_place_or_a_reason(self):
        values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
        known = yaml.safe_load((HERE / "node_exporter_values.yml").read_text(encoding="utf-8"))
        for name, ours in known.items():
            if not ours.startswith("- "):
                value = values
                for part in ours.split("."):
                    self.assertIn(part, value, f"{name}: {ours}")
                    value = value[part]

    def test_talkers_have_whole_addresses_unless_an_argument_says_otherwise(self):
        prefix, other = "--collector.talkers.ipv6-prefix=128", "--collector.talkers.ipv6-prefix=64"
        self.assertNotIn(prefix, container(chart())["args"])
        talkers = "collectors.enabled={talkers}"
        self.assertIn(prefix, container(chart("--set", talkers))["args"])
        self.assertIn(prefix, container(chart("--set", talkers, "--set", "extraArgs={--collector.talkers.top=20}"))["args"])
        args = container(chart("--set", talkers, "--set", f"extraArgs={{{other}}}"))["args"]
        self.assertIn(other, args)
        self.assertNotIn(prefix, args)

    def test_every_empty_value_goes_somewhere(self):
        documents = case("everything")
        self.assertEqual("tracker", one(documents, "DaemonSet")["metadata"]["name"])
        self.assertNotIn("ServiceAccount", kinds(documents))
        self.assertEqual("existing", pod(documents)["serviceAccountName"])
        self.assertTrue(container(documents)["image"].startswith("registry.example.org/conntrack_exporter@sha256:"))
        self.assertIn("--collector.talkers.top=20", container(documents)["args"])
        self.assertEqual(["conntrack-exporter", "beside"], [one_["name"] for one_ in pod(documents)["containers"]])
        self.assertEqual("before", pod(documents)["initContainers"][0]["name"])
        self.assertEqual("conntrack-exporter-more", one(documents, "ConfigMap")["metadata"]["name"])
        for field in ("tolerations", "affinity", "priorityClassName"):
            self.assertNotIn(field, pod(documents))
        self.assertNotIn("resources", container(documents))

    def test_what_is_no_value_is_refused_by_name(self):
        for wrong, named in (("listen.prot=1", "prot"), ("collectors.enabled={nonsense}", "enabled"), ("listen.port=0", "port"),
                             ("prometheusRule.alerts.ConntrackSynFlood.severity=page", "severity"), ("webConfig.tls=x", "tls")):
            with self.subTest(wrong):
                done = helm("template", "x", CHART, "--set", wrong, check=False)
                self.assertNotEqual(0, done.returncode)
                self.assertIn(named, done.stderr)

    def test_the_notes_say_what_is_missing(self):
        def notes(*words):
            return helm("install", "x", CHART, "--dry-run=client", *words).stdout.partition("NOTES:")[2]

        self.assertIn("podMonitor.enabled=true", notes())
        self.assertNotIn("podMonitor.enabled=true", notes("--set", "serviceMonitor.enabled=true"))
        self.assertIn("No alerts are installed", notes())
        self.assertIn("Every client that can reach", notes())
        self.assertIn("pod-security.kubernetes.io/enforce=privileged", notes())
        secured = notes("--values", CHART / "ci/secured-values.yaml", "--set", "prometheusRule.enabled=true")
        self.assertNotIn("podMonitor.enabled=true", secured)
        self.assertNotIn("No alerts are installed", secured)
        self.assertNotIn("Every client", secured)


if __name__ == "__main__":
    unittest.main()
