"""mixin/ works as jsonnet-bundler installs it: its folder and those that its jsonnetfile.json names, nothing else."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import rule_pack
import yaml

_NAME = "github.com/conntrack-exporter/conntrack_exporter"


def vendored(folder: pathlib.Path) -> None:
    dependencies = json.loads((rule_pack.ROOT / "mixin/jsonnetfile.json").read_text())["dependencies"]
    for source in [dependency["source"]["git"] for dependency in dependencies] + [{"subdir": "mixin"}]:
        assert source.get("remote", f"https://{_NAME}.git") == f"https://{_NAME}.git", source
        shutil.copytree(rule_pack.ROOT / source["subdir"], folder / _NAME / source["subdir"])


class Mixin(unittest.TestCase):
    def test_it_has_the_rules_and_dashboards_that_are_shipped(self):
        parts = "{rules: m.prometheusRules, alerts: m.prometheusAlerts, dashboards: m.grafanaDashboards}"
        with tempfile.TemporaryDirectory() as folder:
            vendored(pathlib.Path(folder))
            made = json.loads(subprocess.run(
                ["jsonnet", "-J", folder, "-e", f"local m = (import '{_NAME}/mixin/mixin.libsonnet'); {parts}"],
                check=True, capture_output=True, text=True, cwd=folder).stdout)
        shipped = yaml.safe_load((rule_pack.ROOT / "alerts/conntrack.rules.yml").read_text(encoding="utf-8"))
        self.assertEqual(shipped["groups"], made["rules"]["groups"] + made["alerts"]["groups"])
        for name, dashboard in made["dashboards"].items():
            self.assertEqual(json.loads((rule_pack.ROOT / "dashboards" / name).read_text(encoding="utf-8")), dashboard, name)
        self.assertEqual(3, len(made["dashboards"]))

    def test_a_mistyped_setting_is_an_error(self):
        made = subprocess.run(["jsonnet", "-e", "((import 'mixin/mixin.libsonnet') + {_config+:: {selektor: ''}}).prometheusRules"],
                              capture_output=True, text=True, cwd=rule_pack.ROOT)
        self.assertIn("no such setting: selektor", made.stderr)


if __name__ == "__main__":
    unittest.main()
