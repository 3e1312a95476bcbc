"""The plain files and their components, built by kubectl's kustomize."""

import itertools
import pathlib
import tempfile
import unittest

import yaml

from deployment import BASE, PLAIN, complaints, container, kinds, kustomize, load, one, pod

COMPONENTS = ("podmonitor", "prometheusrule", "dashboards", "netns", "workloads", "tls", "bpf")


def built(*components: str) -> list[dict]:
    """The base with these components."""
    with tempfile.TemporaryDirectory(dir=PLAIN / "overlays") as folder:
        names = {"resources": ["../../base"], "components": [f"../../components/{name}" for name in components]}
        pathlib.Path(folder, "kustomization.yaml").write_text(yaml.safe_dump(names), encoding="utf-8")
        return kustomize(folder)


class Components(unittest.TestCase):
    def test_the_base_is_the_plain_file(self):
        made, plain = kustomize(PLAIN / "base"), load(BASE)
        self.assertEqual(kinds(plain), kinds(made))
        for kind in kinds(plain):
            self.assertEqual(one(plain, kind), one(made, kind))

    def test_each_alone_with_another_and_all_are_taken_by_the_schemas(self):
        self.assertEqual(sorted(COMPONENTS), sorted(path.name for path in (PLAIN / "components").iterdir()))
        documents = []
        for number in (1, 2, len(COMPONENTS)):
            for chosen in itertools.combinations(COMPONENTS, number):
                documents += built(*chosen)
        self.assertEqual("", complaints(documents))

    def test_monitoring_adds_objects_and_changes_none(self):
        plain = built()
        made = built("podmonitor", "prometheusrule", "dashboards")
        self.assertEqual(kinds(plain + [{"kind": "PodMonitor"}, {"kind": "PrometheusRule"}] + 3 * [{"kind": "ConfigMap"}]), kinds(made))
        self.assertEqual(one(plain, "DaemonSet"), one(made, "DaemonSet"))

    def test_netns(self):
        made = built("netns")
        self.assertTrue(pod(made)["hostPID"])
        self.assertEqual("--collector.netns", container(made)["args"][-1])
        self.assertEqual(["etc", "usr"], [volume["name"] for volume in pod(made)["volumes"]])
        self.assertEqual(container(built())["securityContext"], container(made)["securityContext"])

    def test_workloads(self):
        made = built("workloads")
        self.assertTrue(pod(made)["hostPID"])
        self.assertEqual("--collector.workloads", container(made)["args"][-1])
        self.assertEqual(["etc", "usr", "run", "cgroup"], [volume["name"] for volume in pod(made)["volumes"]])
        self.assertEqual(container(built())["securityContext"], container(made)["securityContext"])

    def test_bpf_adds_capabilities_and_nothing_else(self):
        plain, made = built(), built("bpf")
        self.assertEqual(["NET_ADMIN", "BPF", "PERFMON", "SYSLOG"], container(made)["securityContext"]["capabilities"]["add"])
        container(made)["securityContext"]["capabilities"]["add"] = ["NET_ADMIN"]
        self.assertEqual(one(plain, "DaemonSet"), one(made, "DaemonSet"))

    def test_tls(self):
        made = built("podmonitor", "tls")
        self.assertEqual("--web.config.file=/etc/conntrack-exporter/web/web-config.yml", container(made)["args"][-1])
        self.assertIn("web-config.yml", one(made, "ConfigMap")["data"])
        self.assertEqual("https", one(made, "PodMonitor")["spec"]["podMetricsEndpoints"][0]["scheme"])
        self.assertIn("exec", container(made)["livenessProbe"])
        built("tls")  # without a PodMonitor as well

    def test_the_overlay_example(self):
        made = kustomize(PLAIN / "overlays/example")
        self.assertEqual("", complaints(made))
        self.assertEqual({"monitoring-conntrack"}, {document["metadata"]["namespace"] for document in made if document["kind"] != "Namespace"})
        self.assertEqual("monitoring-conntrack", one(made, "Namespace")["metadata"]["name"])
        self.assertTrue(container(made)["image"].startswith("registry.example.org/"))
        self.assertLessEqual({"--collector.talkers", "--collector.talkers.ipv6-prefix=128"}, set(container(made)["args"]))
        for kind in ("PodMonitor", "PrometheusRule"):
            self.assertEqual("kube-prometheus-stack", one(made, kind)["metadata"]["labels"]["release"])


if __name__ == "__main__":
    unittest.main()
