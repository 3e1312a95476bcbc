"""check_runbooks.py finds what it is there for: each test breaks one thing in a copy of the runbooks."""

import pathlib
import shutil
import tempfile
import unittest

from check_runbooks import Check

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Faults(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="conntrack-runbooks-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        for name in ("alerts", "docs"):
            shutil.copytree(ROOT / name, self.root / name)
        self.manifest = self.root / "deploy/kubernetes/base/conntrack-exporter.yml"
        self.manifest.parent.mkdir(parents=True)
        for name in ("Dockerfile", "deploy/kubernetes/base/conntrack-exporter.yml"):
            shutil.copy(ROOT / name, self.root / name)
        self.page = self.root / "alerts/runbooks/ConntrackTableFull.md"

    def change(self, before: str, after: str, page: pathlib.Path | None = None) -> None:
        page = page or self.page
        text = page.read_text(encoding="utf-8")
        self.assertIn(before, text)
        page.write_text(text.replace(before, after, 1), encoding="utf-8")

    def add(self, text: str) -> None:
        self.page.write_text(self.page.read_text(encoding="utf-8") + text, encoding="utf-8")

    def assert_found(self, *complaints: str) -> None:
        found = Check(self.root).run()
        self.assertEqual(len(complaints), len(found), found)
        for wanted, got in zip(complaints, found):
            self.assertIn(wanted, got)

    def test_nothing_wrong(self):
        self.assert_found()

    def test_an_alert_without_a_page(self):
        rules = self.root / "alerts/conntrack.rules.yml"
        self.change('alert: "ConntrackEarlyDrops"', 'alert: "ConntrackNew"', rules)
        self.assert_found("ConntrackNew has no runbook", "ConntrackEarlyDrops.md has no alert",
                          "ConntrackEarlyDrops is warning there and nothing in the rules",
                          "ConntrackNew is nothing there and warning in the rules")

    def test_another_severity(self):
        self.change("ports for one destination | warning, critical |", "ports for one destination | warning |",
                    self.root / "alerts/runbooks/README.md")
        self.assert_found("ConntrackSnatPortsRunningOut is warning there and critical, warning in the rules")

    def test_a_heading_that_is_missing(self):
        self.change("## Impact", "## Effect")
        self.assert_found("its first headings are not")

    def test_first_commands_for_a_host_alone(self):
        self.change("exec $POD -- /usr/bin/conntrack_exporter report --path.rootfs=/host\n", "get pod\n")
        self.assert_found("its first commands are not those for a host and for Kubernetes")

    def test_first_commands_that_differ_on_kubernetes(self):
        self.change("exec $POD -- /usr/bin/conntrack_exporter report", "exec $POD -- /usr/bin/conntrack_exporter check")
        self.assert_found("its first commands are not those for a host and for Kubernetes")

    def test_other_commands_before_the_first(self):
        self.change("## Diagnosis\n", "## Diagnosis\n\n```sh\nconntrack -S\n```\n")
        self.assert_found("its first commands are not those for a host and for Kubernetes")

    def test_nothing_said_of_a_shell_on_the_node(self):
        self.change("NODE is the label `instance`.", "NODE is a node.")
        self.assert_found("its first commands are not those for a host and for Kubernetes")

    def test_a_page_without_commands(self):
        page = self.root / "alerts/runbooks/ConntrackLimitChanged.md"
        page.write_text(page.read_text(encoding="utf-8").replace("```sh\n", "```text\n"), encoding="utf-8")
        self.assert_found("its first commands are not those for a host and for Kubernetes")

    def test_names_that_the_manifests_do_not_have(self):
        for before, after in (("namespace: conntrack-exporter", "namespace: other"), ("--path.rootfs=/host", "--path.rootfs=/node"),
                              ("      app.kubernetes.io/name: conntrack-exporter", "      app.kubernetes.io/name: other")):
            with self.subTest(after=after):
                self.setUp()
                self.manifest.write_text(self.manifest.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
                found = Check(self.root).run()
                pages = len(list((self.root / "alerts/runbooks").glob("Conntrack*.md")))
                of_pages = [one for one in found if "its first commands are not those" in one]
                # The two that describe the pod do not name the folder of the host.
                self.assertEqual(pages - 2 * after.startswith("--"), len(of_pages), found)
                self.assertEqual(2, sum("does not run report in the pod" in one for one in found), found)

    def test_a_title_of_another_page(self):
        self.change("# ConntrackTableFull", "# ConntrackTable")
        self.assert_found("does not begin with")

    def test_a_metric_that_is_not_exported(self):
        self.add("`conntrack_entries_maximum`, in the rule instance:conntrack_lost_packets:rate5m\n")
        self.assert_found("conntrack_entries_maximum is not in docs/metrics.md")

    def test_a_command_that_bash_cannot_read(self):
        self.add("```sh\nfor pid in 1 2; do echo $pid\n```\n")
        self.assert_found("not for bash")

    def test_a_here_document_without_its_end(self):
        self.add("```sh\nnft -f - <<'END'\ntable inet x { }\n```\n")
        self.assert_found("not for bash")

    def test_a_code_block_without_a_language(self):
        self.add("```\nconntrack -L\n```\n")
        self.assert_found("a code block is of no language")

    def test_emptying_the_table_in_passing(self):
        for words in ("`conntrack -F`", "`conntrack  --flush conntrack`"):
            with self.subTest(words=words):
                self.setUp()
                self.add(f"Or {words}.\n")
                self.assert_found("empties the whole table outside of the last resort")

    def test_expectations_may_be_emptied(self):
        self.add("`conntrack -F expect`\n")
        self.assert_found()


if __name__ == "__main__":
    unittest.main()
