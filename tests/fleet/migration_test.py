"""What docs/migration.md says of node_exporter: Debian's own reads the captures, and our rules give the same."""

import re
import tempfile
import unittest
import urllib.request

import binaries
import rule_pack
import shipped
import yaml
from node_exporter_process import node_exporter

RULES = shipped.FOLDER / "node-exporter-names.rules.yml"
PAGE = rule_pack.ROOT / "docs/migration.md"
FIXTURES, GOLDEN = rule_pack.ROOT / "tests/fixtures", rule_pack.ROOT / "tests/golden"
BOTH = ("3.10-4cpu", "4.19-2cpu", "5.10-2cpu", "6.1-2cpu", "6.12-2cpu", "6.18-2cpu", "6.18-module-2cpu", "7.3-2cpu")
BLIND = ("2.6.32-2cpu", "5.15-no-stat-file")  # to node_exporter: rows that end in a blank, and no file
WITHOUT = {"node_nf_conntrack_stat_ignore"}  # that the rules do not provide
ONLY_LEVELS = {"node_nf_conntrack_entries", "node_nf_conntrack_entries_limit"}
SAMPLE = re.compile(r"^(node_nf_conntrack_\w+) (\S+)$", re.MULTILINE)
OURS = re.compile(r"^(conntrack_(?:entries|entries_limit|stat_\w+_total))(?:\{(.*)\})? (\S+)$", re.MULTILINE)


def theirs(capture: str) -> dict[str, float]:
    """What node_exporter makes of a capture."""
    if not binaries.tool("prometheus-node-exporter"):
        rule_pack.skip("no prometheus-node-exporter; 'make test' brings it (scripts/install-dependencies)")
    with node_exporter(f"--path.procfs={FIXTURES / capture / 'proc'}") as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            return {name: float(value) for name, value in SAMPLE.findall(answer.read().decode())}


def ours(capture: str) -> list[dict]:
    """What we make of it, as series for promtool, of a target that a Prometheus scrapes."""
    found = OURS.findall((GOLDEN / f"{capture}.prom").read_text(encoding="utf-8"))
    target = 'job="conntrack",instance="gw:10318"'
    return [{"series": f"{name}{{{target}{labels and ','}{labels}}}", "values": f"{value}x3"} for name, labels, value in found]


def recorded() -> set[str]:
    return {rule["record"] for rule in rule_pack.rules(RULES)}


class Names(unittest.TestCase):
    maxDiff = None

    def evaluate(self, series: list[dict], expected: dict[str, float], instance: str, names: set[str]) -> None:
        """That the rules make exactly these series of ours, of all that `names` has: promtool evaluates them."""
        checks = [
            {
                "expr": name,
                "eval_time": "2m",
                "exp_samples": [{"labels": f'{name}{{job="node",instance="{instance}"}}', "value": expected[name]}]
                if name in expected
                else [],
            }
            for name in sorted(names)
        ]
        case = {"interval": "1m", "input_series": series, "promql_expr_test": checks}
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            yaml.safe_dump({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [case]}, file)
            file.flush()
            self.assertIn("SUCCESS", rule_pack.run("promtool", "test", "rules", file.name))

    def test_node_exporter_says_the_same_of_every_capture(self):
        for capture in BOTH:
            with self.subTest(capture):
                found = theirs(capture)
                self.assertLess(ONLY_LEVELS, found.keys())
                self.assertEqual(recorded(), found.keys() - WITHOUT)
                expected = {name: value for name, value in found.items() if name not in WITHOUT}
                self.evaluate(ours(capture), expected, "gw:9100", recorded())

    def test_the_counter_that_the_rules_leave_out_is_dead_where_they_say_so(self):
        for capture in BOTH[2:]:
            self.assertEqual(0, theirs(capture)["node_nf_conntrack_stat_ignore"], capture)

    def test_captures_of_which_node_exporter_has_no_counters(self):
        for capture in BLIND:
            with self.subTest(capture):
                self.assertEqual(ONLY_LEVELS, theirs(capture).keys())
        self.assertIn("conntrack_stat_drop_total", "".join(found["series"] for found in ours(BLIND[0])))

    def test_an_instance_without_a_port_stays(self):
        series = [{"series": 'conntrack_entries{job="conntrack",instance="gw"}', "values": "7x3"}]
        self.evaluate(series, {"node_nf_conntrack_entries": 7}, "gw", recorded())


class Page(unittest.TestCase):
    """Its tables have what was written in the first column, and what to write in the second."""

    def after(self) -> list[str]:
        text = PAGE.read_text(encoding="utf-8").replace(r"\|", "\0")  # a | within a cell
        rows = re.findall(r"^\|[^|]*`[^|]*\|([^|]*)\|", text, re.MULTILINE)
        spans = [span.replace("\0", "|") for cell in rows for span in re.findall(r"`([^`]+)`", cell)]
        return [span for span in spans if re.search(r"conntrack_\w+|\bup\b", span) and not span.startswith("-")]

    def test_what_to_write_is_promql(self):
        expressions = self.after()
        self.assertGreater(len(expressions), 20)
        rules = [{"record": f"page:{number}", "expr": expr} for number, expr in enumerate(expressions)]
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            yaml.safe_dump({"groups": [{"name": "page", "rules": rules}]}, file)
            file.flush()
            rule_pack.run("promtool", "check", "rules", file.name)

    def test_it_names_series_that_there_are(self):
        known = set(rule_pack.with_recorded(rule_pack.golden())) | {"conntrack_snat_tuples_above"}
        named = {found.metric for expr in self.after() for found in rule_pack.selectors(expr)}
        self.assertEqual(set(), named - known)

    def test_it_names_all_that_node_exporter_has(self):
        text = PAGE.read_text(encoding="utf-8")
        for name in recorded() | WITHOUT:
            self.assertIn(name, text)

    def test_its_links_lead_somewhere(self):
        self.assertEqual([], shipped.broken_links(PAGE))


if __name__ == "__main__":
    unittest.main()
