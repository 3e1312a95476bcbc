"""scripts/generate-dashboards: what is committed is what it writes, and what --config and wrong use make of it."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMITTED = {
    **{path.name: path for path in (ROOT / "dashboards").glob("*.json")},
    "dashboards.yml": ROOT / "deploy/kubernetes/components/dashboards/dashboards.yml",
}


def generate(*flags: str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "scripts/generate-dashboards", *flags], capture_output=True, text=True, check=False)


def differences(old, new, path=()) -> list:
    """Where two JSON values differ: (path, old, new)."""
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return [found for key in old for found in differences(old[key], new[key], (*path, key))]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [found for i, pair in enumerate(zip(old, new)) for found in differences(*pair, (*path, i))]
    return [] if old == new else [(path, old, new)]


class Generated(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def overlaid(self, overlay: str) -> subprocess.CompletedProcess:
        path = self.folder / "mine.libsonnet"
        path.write_text(overlay)
        return generate("--config", str(path), "--output", str(self.folder / "out"))

    def refused(self, overlay: str, *words: str) -> None:
        """The overlay is refused, by the name of its file and with these words; nothing is written."""
        done = self.overlaid(overlay)
        self.assertEqual(1, done.returncode, done.stderr)
        for word in (str(self.folder / "mine.libsonnet"), *words):
            self.assertIn(word, done.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_what_is_committed_is_what_the_source_makes(self):
        done = generate("--output", str(self.folder))
        self.assertEqual(0, done.returncode, done.stderr)
        made = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        self.assertEqual({"conntrack-fleet.json", "conntrack-node.json", "conntrack-exporter.json", "dashboards.yml"}, set(made))
        for name in made:
            with self.subTest(name):
                self.assertEqual(COMMITTED[name].read_bytes(), made[name], f"{name}: run scripts/generate-dashboards")

    def test_no_dashboard_is_committed_that_nothing_makes(self):
        self.assertEqual({"conntrack-fleet.json", "conntrack-node.json", "conntrack-exporter.json", "dashboards.yml"}, set(COMMITTED))

    def test_config_maps_hold_the_dashboards_and_can_be_applied(self):
        maps = list(yaml.safe_load_all(COMMITTED["dashboards.yml"].read_text()))
        self.assertEqual(3, len(maps))
        for config_map in maps:
            self.assertEqual("1", config_map["metadata"]["labels"]["grafana_dashboard"])
            ((name, text),) = config_map["data"].items()
            with self.subTest(name):
                self.assertEqual(json.loads(COMMITTED[name].read_text()), json.loads(text))
                # kubectl writes all of it into an annotation, and those have a limit of 256 KiB.
                self.assertLess(len(json.dumps(config_map)), 256 * 1024)

    def test_an_overlay_changes_a_threshold_and_nothing_else(self):
        done = self.overlaid("{ _config+:: { alerts+: { ConntrackTableHardFull+: { above: 0.91 } } } }")
        self.assertEqual(0, done.returncode, done.stderr)
        changes = []
        for name in COMMITTED.keys() - {"dashboards.yml"}:
            old, new = (json.loads(path.read_text()) for path in (COMMITTED[name], self.folder / "out" / name))
            changes += differences(old, new)
        self.assertTrue(changes)
        for path, old, new in changes:
            self.assertEqual(("steps", "value", 0.85, 0.91), (path[-3], path[-1], old, new))

    def test_an_overlay_changes_severities_links_and_selectors(self):
        done = self.overlaid(
            "{ _config+:: { selector: 'cluster=\"x\"', runbookUrl: 'https://example.org/%s',"
            " alerts+: { ConntrackSynFlood+: { severity: 'critical' } } } }"
        )
        self.assertEqual(0, done.returncode, done.stderr)
        node = json.loads((self.folder / "out/conntrack-node.json").read_text())
        panel = next(panel for panel in node["panels"] if panel["title"] == "Half-open TCP")
        self.assertEqual("red", panel["fieldConfig"]["defaults"]["thresholds"]["steps"][-1]["color"])
        self.assertEqual("https://example.org/ConntrackSynFlood", panel["links"][0]["url"])
        panels = node["panels"] + [nested for row in node["panels"] for nested in row.get("panels", [])]
        for query in [target["expr"] for panel in panels for target in panel.get("targets", [])]:
            with self.subTest(query):
                self.assertEqual(query.count("{"), query.count('cluster="x"}'))

    def test_an_overlay_that_is_no_jsonnet_is_refused_by_its_name(self):
        self.refused("{ _config+:: {", "mine.libsonnet:1")

    def test_an_overlay_that_is_no_object_is_refused_by_its_name(self):
        self.refused("[1, 2]")

    def test_a_threshold_that_is_no_number_is_refused_by_its_name(self):
        self.refused("{ _config+:: { alerts+: { ConntrackTableHardFull+: { above: 'high' } } } }", "alerts.ConntrackTableHardFull.above: has to be a number")

    def test_an_alert_that_is_mistyped_is_named(self):
        self.refused("{ _config+:: { alerts+: { ConntrackTableHardFul+: { above: 0.7 } } } }", "ConntrackTableHardFul")


class WrongUse(unittest.TestCase):
    def test_is_refused_and_writes_nothing(self):
        for flags in (("--config", "/nowhere.libsonnet"), ("--config",), ("--outputs", "x"), ("x",)):
            with self.subTest(flags), tempfile.TemporaryDirectory() as folder:
                done = generate("--output", f"{folder}/out", *flags)
                self.assertEqual(2, done.returncode, done.stderr)
                self.assertTrue(done.stderr)
                self.assertEqual([], list(pathlib.Path(folder).iterdir()))


if __name__ == "__main__":
    unittest.main()
