"""What the machines found, as a table of checks and kernels."""

import dataclasses
import datetime
import pathlib

import kernel

_WORDS = {"ok": "ok", "failed": "FAILED", "unsupported": "-"}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """Of one kernel. `found` is the results.json that the suite left: guest/checks.py."""

    kernel: kernel.Kernel
    found: dict
    seconds: float
    kvm: bool
    error: str = ""  # why there is nothing

    def well(self) -> bool:
        return not self.error and bool(self.found["checks"]) and not self.failed()

    def failed(self) -> list[dict]:
        return [check for check in self.found["checks"] if check["outcome"] == "failed"]

    def checks(self) -> dict[str, dict]:
        return {check["name"]: check for check in self.found["checks"]}

    def summary(self) -> str:
        head = f"{self.kernel.name} ({self.kernel.release})"
        if self.error:
            return f"{head}: FAILED: {self.error.splitlines()[0]}"
        lines = [f"{head}: {len(self.found['checks'])} checks in {self.seconds:.0f} s{' by KVM' if self.kvm else ''}"]
        lines += [f"  FAILED {check['name']}: {check['detail']}" for check in self.failed()]
        return "\n".join(lines)


def _rows(outcomes: list[Outcome]) -> list[str]:
    """The names of all checks, in the order in which they ran."""
    return list(dict.fromkeys(name for outcome in outcomes for name in outcome.checks()))


def _word(outcome: Outcome, name: str) -> str:
    check = outcome.checks().get(name)
    if not check:
        return "no result" if outcome.error else ""
    return check.get("word") or _WORDS[check["outcome"]]


def text(outcomes: list[Outcome]) -> str:
    table = [["", *(outcome.kernel.name for outcome in outcomes)]]
    table += [[name, *(_word(outcome, name) for outcome in outcomes)] for name in _rows(outcomes)]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in table]
    reasons = [f"{outcome.kernel.name}: unsupported: {check['name']}: {check['detail']}" for outcome in outcomes
               for check in outcome.found["checks"] if check["outcome"] == "unsupported"]
    failures = [f"{outcome.kernel.name}: FAILED: {check['name']}: {check['detail']}" for outcome in outcomes for check in outcome.failed()]
    failures += [f"{outcome.kernel.name}: FAILED: {outcome.error}" for outcome in outcomes if outcome.error]
    return "\n".join(["", *lines, "", *reasons, *failures])


def _markdown(outcomes: list[Outcome]) -> str:
    today = datetime.date.today().isoformat()
    heads = ["", *(outcome.kernel.name for outcome in outcomes)]
    lines = [f"`make kernels`, {today}:", "", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| suite of Debian | {' | '.join(outcome.kernel.suite for outcome in outcomes)} |"]
    lines += [f"| package | {' | '.join(outcome.kernel.version for outcome in outcomes)} |"]
    lines += [f"| {name} | {' | '.join(_word(outcome, name) for outcome in outcomes)} |" for name in _rows(outcomes)]
    return "\n".join(lines)


def write(path: pathlib.Path, outcomes: list[Outcome]) -> None:
    """Between two markers, which name the architecture."""
    arch = outcomes[0].kernel.arch
    begin, end = f"<!-- made by make kernels: {arch} -->", f"<!-- end: {arch} -->"
    head, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _, also, after = rest.partition(end)
    if not found or not also:
        raise ValueError(f"{path} lacks a marker: {begin} or {end}")
    path.write_text(f"{head}{begin}\n{_markdown(outcomes)}\n{end}{after}", encoding="utf-8")
