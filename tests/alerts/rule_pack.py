"""The alert pack as tests see it: the rules, the series that they name, and the series that there are."""

import dataclasses
import functools
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/live"))
import binaries

TARGET_LABELS = {"job", "instance", "cluster"}  # those that Prometheus gives to every series, and a fleet may
# Of kube-state-metrics: its docs/metrics, with the values that rules ask for.
KUBE_STATE_METRICS: dict[str, dict[str, set[str]]] = {
    "kube_pod_info": {"uid": set(), "pod_ip": set(), "host_network": {"true"}},
    "kube_pod_ips": {"uid": set(), "ip": set(), "ip_family": set()},
    "kube_pod_status_phase": {"uid": set(), "phase": {"Failed", "Succeeded"}},
    "kube_service_info": {"uid": set(), "cluster_ip": set()},
}
# Prometheus's own series, and the one that no collector yields and no golden file has: docs/metrics.md, which a test holds
# against the binary, names its labels.
BESIDE_GOLDEN = {
    "up": {},
    "ALERTS": {"alertname": set(), "alertstate": set(), "severity": set(), "what": set()},
    "conntrack_exporter_build_info": {"version": set(), "revision": set(), "compiler": set(), "architecture": set()},
} | KUBE_STATE_METRICS

_SELECTOR = re.compile(r'(?<![\w.:$])([a-zA-Z_:][\w:]*)\s*(?:\{([^}]*)\})?(?!\s*\(|[\w:])')
_GROUPING = re.compile(r"\b(without|by|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"')
_TEXT = re.compile(r',\s*"[^"]*"')  # of label_replace()
_MADE = re.compile(r'"(\w+)",\s*"\$1"')
_WORDS = {"and", "or", "unless", "offset", "bool"}


def skip(reason: str) -> None:
    print(f"SKIPPED: {reason}", file=sys.stderr, flush=True)
    raise unittest.SkipTest(reason)


def run(program: str, *words: str) -> str:
    """What a program of Prometheus prints on both its outputs. Raises AssertionError where it fails."""
    path = binaries.tool(program)
    if not path:
        skip(f"no {program}; 'make test' brings it (scripts/install-dependencies)")
    done = subprocess.run([path, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{program} {' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def generate(output, *flags: str) -> None:
    subprocess.run([ROOT / "scripts/generate-rules", "--output", str(output), *flags], check=True)


def seconds(duration: str) -> int:
    """1h30m, as Prometheus writes it."""
    if not re.fullmatch(r"(?:\d+[dhms])+", duration):
        raise ValueError(f"{duration} is not a duration")
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return sum(int(number) * units[unit] for number, unit in re.findall(r"(\d+)([dhms])", duration))


def parse(text: str) -> dict:
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def dump(path: pathlib.Path, content: dict) -> None:
    path.write_text(yaml.dump(content, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)), encoding="utf-8")


def load(path) -> dict:
    return parse(pathlib.Path(path).read_text(encoding="utf-8"))


SHIPPED = ROOT / "alerts/conntrack.rules.yml"


@functools.cache
def groups(path=SHIPPED) -> list[dict]:
    return load(path)["groups"]


def rules(path=SHIPPED) -> list[dict]:
    return [rule for group in groups(path) for rule in group["rules"]]


def alerts(path=SHIPPED) -> list[dict]:
    return [rule for rule in rules(path) if "alert" in rule]


def identity(rule: dict) -> tuple:
    """What tells a rule from all others: its name and its own labels."""
    return (rule.get("alert") or rule["record"], *sorted(rule.get("labels", {}).items()))


@dataclasses.dataclass(frozen=True)
class Selector:
    metric: str
    matchers: tuple[tuple[str, str, str], ...]  # label, operator, value

    def values(self, label: str) -> set[str]:
        """The values of a label that it asks for, or excludes."""
        return {part for name, _, value in self.matchers if name == label for part in value.split("|")}


def selectors(expr: str) -> list[Selector]:
    """The series that an expression of PromQL names. Functions are followed by a parenthesis, durations begin with a digit."""
    found = _SELECTOR.finditer(_TEXT.sub("", _GROUPING.sub(" ", expr)))
    return [Selector(m[1], tuple(_MATCHER.findall(m[2] or ""))) for m in found if m[1] not in _WORDS]


def read_by(expr: str) -> set[str]:
    """The series and alerts that an expression reads, directly or through other rules."""
    found: set[str] = set()
    left = [expr]
    while left:
        here = selectors(left.pop())
        new = {name for s in here for name in (s.values("alertname") if s.metric == "ALERTS" else {s.metric})} - found
        found |= new
        left += [rule["expr"] for rule in rules() if new & {rule.get("alert"), rule.get("record")}]
    return found


def grouping_labels(expr: str, *words: str) -> set[str]:
    """The labels in `without (...)` and its like."""
    return {label.strip() for word, labels in _GROUPING.findall(expr) if word in words for label in labels.split(",") if label.strip()}


Series = dict[str, dict[str, set[str]]]  # metric -> label -> values


@functools.cache
def golden() -> Series:
    """All that the exporter puts out on the captures, by tests/golden."""
    known: Series = {name: dict(labels) for name, labels in BESIDE_GOLDEN.items()}
    for path in sorted((ROOT / "tests/golden").glob("*.prom")):
        for line in path.read_text(encoding="utf-8").splitlines():
            match = re.match(r"([a-z_:]\w*)(?:\{(.*)\})? ", line)
            if match:
                labels = known.setdefault(match[1], {})
                for label, _, value in _MATCHER.findall(match[2] or ""):
                    labels.setdefault(label, set()).add(value)
    return known


def with_recorded(known: Series) -> Series:
    """`known` and the series that the recording rules make of it, each with the labels that it inherits."""
    known = dict(known)
    for rule in rules():
        if "record" in rule:
            made = known.setdefault(rule["record"], {})
            for label, values in inherited(rule["expr"], known).items():
                made.setdefault(label, set()).update(values)
            for label, value in rule.get("labels", {}).items():
                made.setdefault(label, set()).add(value)
    return known


def made_labels(expr: str) -> set[str]:
    """The labels that label_replace() adds."""
    return set(_MADE.findall(expr))


def inherited(expr: str, known: Series) -> dict[str, set[str]]:
    """The labels, beside those of the target, that the result of an expression may have."""
    labels: dict[str, set[str]] = {}
    for selector in selectors(expr):
        if selector.metric == "ALERTS":
            continue  # it only says whether something else stays
        for label, values in known.get(selector.metric, {}).items():
            labels.setdefault(label, set()).update(values)
    labels |= {label: set() for label in made_labels(expr)}
    gone = grouping_labels(expr, "without")
    return {label: values for label, values in labels.items() if label not in gone}


@functools.cache
def unit_tests() -> dict[str, dict]:
    """The files of tests/alerts/rules by name."""
    return {path.name: load(path) for path in sorted((ROOT / "tests/alerts/rules").glob("*.yml"))}


def unit_cases() -> list[dict]:
    return [case for file in unit_tests().values() for case in file["tests"]]


def run_cases(file: str, changed: dict | None = None) -> None:
    """Runs the cases of a file of tests/alerts/rules, with `changed` instead of the shipped rule of that identity. Raises AssertionError where a
    case fails. Loads only the rules that the cases read: all of them take several times as long. life/life.py evaluates all together."""
    cases = unit_tests()[file]
    checks = [check for case in cases["tests"] for check in case.get("alert_rule_test", []) + case.get("promql_expr_test", [])]
    expressions = {check.get("expr") or 'ALERTS{alertname="%s"}' % check["alertname"] for check in checks}
    read = [read_by(expr) for expr in expressions]
    selects_by_pattern = not all(read)  # {__name__=~"..."}
    needed = set().union(*read)
    chosen = [
        {
            "name": group["name"],
            "rules": [
                changed if changed and identity(rule) == identity(changed) else rule
                for rule in group["rules"]
                if selects_by_pattern or needed & {rule.get("alert"), rule.get("record")}
            ],
        }
        for group in groups()
    ]
    with tempfile.TemporaryDirectory() as folder:
        dump(pathlib.Path(folder, "rules.yml"), {"groups": chosen})
        dump(pathlib.Path(folder, file), cases | {"rule_files": ["rules.yml"]})
        run("promtool", "test", "rules", str(pathlib.Path(folder, file)))
