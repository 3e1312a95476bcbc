"""deploy/compose/compose.yaml: what it mounts is there and is what ships, and fits together."""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/live"))

import binaries  # noqa: E402
import lab  # noqa: E402

FOLDER = ROOT / "deploy/compose"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict] = COMPOSE["services"]


def mounts(service: str) -> dict[str, pathlib.Path]:
    """Files and folders of the project by where the service has them."""
    found = {}
    for volume in SERVICES[service].get("volumes", []):
        source, target, *_ = volume.split(":")
        if source.startswith("."):
            found[target] = (FOLDER / source).resolve()
    return found


def inside(service: str, path: str) -> pathlib.Path | None:
    """The file of the project that a path in the service is."""
    wanted = pathlib.PurePosixPath(path)
    for target, source in mounts(service).items():
        if wanted.is_relative_to(target):
            return source / wanted.relative_to(target)
    return None


def flag(service: str, name: str) -> str:
    (found,) = [word.split("=", 1)[1] for word in SERVICES[service]["command"] if word.startswith(name + "=")]
    return found


class Compose(unittest.TestCase):
    def test_what_is_mounted_is_there_and_read_only(self):
        for name, service in SERVICES.items():
            for target, source in mounts(name).items():
                self.assertTrue(source.exists(), f"{name}: {target}: no {source}")
            for volume in service.get("volumes", []):
                if volume.startswith("."):
                    self.assertTrue(volume.endswith(":ro"), volume)
                else:
                    self.assertIn(volume.split(":")[0], COMPOSE["volumes"])

    def test_versions_are_pinned(self):
        for name, service in SERVICES.items():
            self.assertRegex(service["image"], r"^localhost/|:v?\d+\.\d+\.\d+$", name)

    def test_ports_are_open_to_this_machine_alone(self):
        ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
        self.assertEqual(4, len(ports))
        for port in ports:
            self.assertRegex(port, r"^127\.0\.0\.1:(\d+):\1$")
        self.assertNotIn("host", [service.get("network_mode") for service in SERVICES.values()])

    def test_services_wait_for_each_other_until_they_are_well(self):
        for name, service in SERVICES.items():
            self.assertEqual("CMD", service["healthcheck"]["test"][0], name)
            if name != "traffic":
                self.assertEqual("service:traffic", service["network_mode"], name)
            for other, how in service.get("depends_on", {}).items():
                self.assertIn(other, SERVICES)
                self.assertEqual({"condition": "service_healthy"}, how)

    def test_capabilities_are_few(self):
        given = {name: service.get("cap_add", []) for name, service in SERVICES.items()}
        self.assertEqual(["NET_ADMIN"], given.pop("exporter"))
        given.pop("traffic")
        self.assertEqual([[]], list(map(list, {tuple(one) for one in given.values()})))
        for name, service in SERVICES.items():
            self.assertEqual(["ALL"], service["cap_drop"], name)
            self.assertNotIn("privileged", service)
        # With it Docker's exporter would have no flows: tests/deploy/image_test.py
        self.assertNotIn("security_opt", SERVICES["exporter"])

    def test_images_are_built_from_what_is_there(self):
        for name in ("traffic", "exporter"):
            build = SERVICES[name]["build"]
            context = (FOLDER / build["context"]).resolve()
            self.assertEqual(ROOT, context)
            text = (context / build.get("dockerfile", "Dockerfile")).read_text(encoding="utf-8")
            allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] == "!"]
            for sources in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.MULTILINE):
                for source in sources.split():
                    self.assertTrue((context / source).exists(), source)
                    within = [path for path in allowed if pathlib.PurePath(source).is_relative_to(path)]
                    self.assertTrue(within, f".dockerignore leaves {source} out")


    def test_docker_compose_reads_it(self):
        """Checks it by its schema, for which it needs no engine."""
        if not shutil.which("docker-compose"):
            lab.skip("no docker-compose: scripts/install-dependencies deploy brings it")
        words = ["docker-compose", "--file", str(FOLDER / "compose.yaml"), "config", "--quiet"]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        self.assertEqual((0, ""), (done.returncode, done.stderr))


class Configuration(unittest.TestCase):
    """The files are made for one machine where everything is on localhost; so is the namespace of the demo."""

    def setUp(self):
        self.prometheus_path = flag("prometheus", "--config.file")
        self.alertmanager_path = flag("alertmanager", "--config.file")
        self.prometheus = yaml.safe_load(inside("prometheus", self.prometheus_path).read_text(encoding="utf-8"))
        self.alertmanager = yaml.safe_load(inside("alertmanager", self.alertmanager_path).read_text(encoding="utf-8"))

    def test_the_files_are_those_that_ship(self):
        self.assertEqual(ROOT / "deploy/prometheus/prometheus.yml", inside("prometheus", self.prometheus_path))
        self.assertEqual(ROOT / "deploy/prometheus/alertmanager.yml", inside("alertmanager", self.alertmanager_path))

    def test_prometheus_finds_the_rules(self):
        (rules,) = self.prometheus["rule_files"]
        path = pathlib.PurePosixPath(self.prometheus_path).parent / rules
        parts: list[str] = []
        for part in path.parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        found = inside("prometheus", str(pathlib.PurePosixPath(*parts)))
        self.assertEqual(ROOT / "alerts/conntrack.rules.yml", found)

    def test_each_is_asked_where_it_listens(self):
        published = {port.split(":")[2] for port in SERVICES["traffic"]["ports"]}
        (scrape,) = self.prometheus["scrape_configs"]
        (alertmanagers,) = self.prometheus["alerting"]["alertmanagers"]
        self.assertEqual([["localhost:10318"]], [one["targets"] for one in scrape["static_configs"]])
        self.assertEqual([["localhost:9093"]], [one["targets"] for one in alertmanagers["static_configs"]])
        self.assertEqual({"3000", "9090", "9093", "10318"}, published)
        receiver = (FOLDER / "traffic/notified.py").read_text(encoding="utf-8")
        for one in self.alertmanager["receivers"]:
            for hook in one.get("webhook_configs", []):
                port = re.match(r"http://localhost:(\d+)/", hook["url"])[1]
                self.assertIn(f'("127.0.0.1", {port})', receiver)

    def test_what_watches_is_not_tracked(self):
        rules = (FOLDER / "traffic/traffic.py").read_text(encoding="utf-8")
        left_out = set(re.search(r"set watching .* elements = \{ (.*) \} \}", rules)[1].split(", "))
        self.assertEqual({"3000", "9090", "9093", "9095", "10318"}, left_out)

    def test_grafana_finds_prometheus_and_the_dashboards(self):
        folder = inside("grafana", "/etc/grafana/provisioning")
        (sources,) = (yaml.safe_load(path.read_text("utf-8")) for path in folder.glob("datasources/*.yml"))
        self.assertEqual(["http://localhost:9090"], [one["url"] for one in sources["datasources"]])
        (providers,) = (yaml.safe_load(path.read_text("utf-8")) for path in folder.glob("dashboards/*.yml"))
        for provider in providers["providers"]:
            dashboards = inside("grafana", provider["options"]["path"])
            self.assertTrue(list(dashboards.glob("*.json")), provider)
        home = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        self.assertTrue(inside("grafana", home).is_file(), home)

    def test_debian_s_prometheus_and_alertmanager_read_them(self):
        for tool, words, path in (
            ("promtool", ("check", "config"), inside("prometheus", self.prometheus_path)),
            ("amtool", ("check-config",), inside("alertmanager", self.alertmanager_path)),
        ):
            program = binaries.tool(tool)
            if not program:
                lab.skip(f"no {tool}: scripts/install-dependencies puts it into build/tools")
            done = subprocess.run([program, *words, path], capture_output=True, text=True, check=False)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
