"""Every alert has its runbook; what the runbooks name and tell people to paste is sound. docs_test checks their links.

check_runbooks.py [FOLDER]: the repository to look at, by default the one that this file is in.
"""

import pathlib
import re
import subprocess
import sys

import rule_pack
import yaml

ORDER = ["Meaning", "Impact", "Diagnosis", "Mitigation"]
# Metrics of the exporter, and the recording rules that are made from them: instance:conntrack_...
METRIC = re.compile(r"(?<![\w:/.-])conntrack_[a-z0-9_]+(?![\w.]*:|[/-])")
# What begins like a metric: the program, also as the kernel cuts its name, statistics of a driver, and tables of nft that these
# pages make.
NO_METRIC = re.compile(r"conntrack_expor(ter)?|conntrack_allowance_(available|exceeded)|conntrack_(guard|share|synproxy|notrack|way_in|look|timeouts|zones)")
# The first commands of a page: on a host, and in the pod of a node, each in a block of its own below its label. The line after them
# says what is left to know.
HOST = "On a host, as root:"
KUBERNETES = "On Kubernetes: NODE is the label `instance`."
SERVICE = "systemctl status conntrack-exporter"
AFTER = "The other commands need root on the host, or [a shell on the node](procedures/kubernetes.md#a-shell-on-a-node)."
FLUSH = re.compile(r"conntrack\s+(-F|--flush)(?!\s+expect)")


def outside_fences(text: str) -> list[str]:
    """The lines of a page, those of code blocks emptied."""
    lines, fenced = [], False
    for line in text.splitlines():
        fence = line.startswith("```")
        lines.append("" if fenced or fence else line)
        fenced ^= fence
    return lines


def headings(text: str) -> list[tuple[int, str]]:
    """Level and words."""
    found = (re.fullmatch(r"(#+) (.*)", line) for line in outside_fences(text))
    return [(len(match[1]), match[2]) for match in found if match]


def blocks(text: str) -> list[tuple[str, str]]:
    """Language and content of the code blocks."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)


def alerts_of(rules: pathlib.Path) -> dict[str, set[str]]:
    """Name and severities: some come in two."""
    found: dict[str, set[str]] = {}
    for rule in rule_pack.alerts(rules):
        found.setdefault(rule["alert"], set()).add(rule["labels"]["severity"])
    return found


def documented_metrics(page: pathlib.Path) -> set[str]:
    """Histograms by each of their series too."""
    rows = re.findall(r"^\| `(conntrack_\w+)` \| (\w*)", page.read_text(encoding="utf-8"), re.M)
    return {name + end for name, kind in rows for end in ("", *(("_bucket", "_sum", "_count") if kind == "histogram" else ()))}


class Kubernetes:
    """How to reach the exporter of a node, with the names in our manifests and the paths in our image."""

    def __init__(self, root: pathlib.Path):
        objects = yaml.safe_load_all((root / "deploy/kubernetes/base/conntrack-exporter.yml").read_text(encoding="utf-8"))
        daemonset = next(one for one in objects if one["kind"] == "DaemonSet")
        name = daemonset["spec"]["selector"]["matchLabels"]["app.kubernetes.io/name"]
        container = daemonset["spec"]["template"]["spec"]["containers"][0]
        self.rootfs = next(word for word in container["args"] if word.startswith("--path.rootfs="))
        self.binary = re.findall(r'^ENTRYPOINT \["(.*)"\]$', (root / "Dockerfile").read_text(encoding="utf-8"), re.M)[0]
        self.kubectl = f"kubectl -n {daemonset['metadata']['namespace']}"
        self.find = f"POD=$({self.kubectl} get pod -l app.kubernetes.io/name={name} --field-selector spec.nodeName=NODE -o name)\n"

    def commands(self, host: str) -> str:
        """What does the same as a command on a host. Empty: nothing is known that does."""
        program, _, words = host.partition(" ")
        if host == SERVICE:
            return f"{self.find}{self.kubectl} describe $POD\n"
        if program == pathlib.PurePath(self.binary).name and words.split(" ")[0] in ("report", "check", "advise"):
            return f"{self.find}{self.kubectl} exec $POD -- {self.binary} {words} {self.rootfs}\n"
        return ""


class Check:
    def __init__(self, root: pathlib.Path):
        self.root = root
        self.folder = root / "alerts/runbooks"
        self.metrics = documented_metrics(root / "docs/metrics.md")
        self.kubernetes = Kubernetes(root)
        self.complaints: list[str] = []

    def complain(self, page: pathlib.Path, what: str) -> None:
        self.complaints.append(f"{page.relative_to(self.root)}: {what}")

    def pages_of_alerts(self) -> None:
        alerts = alerts_of(self.root / "alerts/conntrack.rules.yml")
        pages = {page.stem for page in self.folder.glob("*.md")} - {"README"}
        if not alerts:
            self.complaints.append("alerts/conntrack.rules.yml has no alerts")
        self.complaints += [f"{name} has no runbook" for name in sorted(set(alerts) - pages)]
        self.complaints += [f"alerts/runbooks/{name}.md has no alert" for name in sorted(pages - set(alerts))]
        for name in sorted(pages):
            self.form(self.folder / f"{name}.md")
        self.index(alerts)
        for page in (self.folder / "procedures/kubernetes.md", self.root / "docs/kubernetes.md"):
            if self.kubernetes.commands("conntrack_exporter report") not in page.read_text(encoding="utf-8"):
                self.complain(page, "does not run report in the pod of a node as the runbooks do")

    def form(self, page: pathlib.Path) -> None:
        text = page.read_text(encoding="utf-8")
        self.first_commands(page, text)
        found = headings(text)
        if found[:1] != [(1, page.stem)]:
            self.complain(page, f"does not begin with '# {page.stem}'")
        if [words for level, words in found if level == 2][:4] != ORDER:
            self.complain(page, f"its first headings are not {', '.join(ORDER)}")

    def first_commands(self, page: pathlib.Path, text: str) -> None:
        start = text.find("```sh\n")
        host = text[start:].removeprefix("```sh\n").partition("\n")[0] if start >= 0 else ""
        there = self.kubernetes.commands(host)
        label = f"{HOST}\n\n"
        wanted = f"{label}```sh\n{host}\n```\n\n{KUBERNETES}\n\n```sh\n{there}```\n\n{AFTER}\n"
        if not there or not text.startswith(wanted, max(0, start - len(label))):
            self.complain(page, f"its first commands are not those for a host and for Kubernetes:\n{wanted}")

    def index(self, alerts: dict[str, set[str]]) -> None:
        page = self.folder / "README.md"
        rows = re.findall(r"^\| \[(\w+)\]\(\1\.md\) \| .+ \| ([\w, ]+) \|$", page.read_text(encoding="utf-8"), re.M)
        listed = {name: set(severities.split(", ")) for name, severities in rows}
        for name in sorted(alerts.keys() | listed.keys()):
            if alerts.get(name) != listed.get(name):
                there, in_rules = (", ".join(sorted(one.get(name, ["nothing"]))) for one in (listed, alerts))
                self.complain(page, f"{name} is {there} there and {in_rules} in the rules")

    def names_of_metrics(self, page: pathlib.Path, text: str) -> None:
        for name in sorted(set(METRIC.findall(text))):
            if name not in self.metrics and not NO_METRIC.fullmatch(name):
                self.complain(page, f"{name} is not in docs/metrics.md")

    def commands(self, page: pathlib.Path, text: str) -> None:
        for language, content in blocks(text):
            if language not in ("sh", "text"):
                self.complain(page, f"a code block is {language or 'of no language'}: sh to paste, text for output")
            if language == "sh":
                parsed = subprocess.run(["bash", "-n"], input=content, capture_output=True, text=True, check=False)
                # An unclosed here-document is only a warning, with exit code 0.
                if parsed.returncode != 0 or parsed.stderr:
                    self.complain(page, f"not for bash: {parsed.stderr.strip()}")
        if text.count("\n```") % 2 != 0:
            self.complain(page, "a code block is not closed")

    def flushing(self, page: pathlib.Path, text: str) -> None:
        """Emptying the whole table stands where its price does, and nowhere else."""
        section = ""
        for plain, line in zip(outside_fences(text), text.splitlines()):
            if plain.startswith("#"):
                section = plain
            if FLUSH.search(line) and "last resort" not in section:
                self.complain(page, f"empties the whole table outside of the last resort: {line.strip()}")

    def run(self) -> list[str]:
        self.pages_of_alerts()
        for page in sorted(self.folder.rglob("*.md")):
            text = page.read_text(encoding="utf-8")
            self.names_of_metrics(page, text)
            self.commands(page, text)
            self.flushing(page, text)
        return self.complaints


def main() -> int:
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]).resolve()
    complaints = Check(root).run()
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
