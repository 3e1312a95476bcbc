#!/usr/bin/env python3
"""Counts the test cases in a log of ctest (Testing/Temporary/LastTest.log), and names those that failed.

A test of ctest that runs gtest or unittest has many cases. Any other test counts as one. A process that died without a summary counts as
one failed case, in addition to those that it named. Prints failed cases, reasons for skipping, and `N passed, N failed, N skipped`.
"""

import collections
import dataclasses
import re
import sys

_SECTION = re.compile(r"^\d+/\d+ Test: (?P<name>\S+)$.*?^Output:\n-{20,}\n(?P<output>.*?)^<end of output>$.*?^Test (?P<verdict>\S+)\.$",
                      re.MULTILINE | re.DOTALL)  # fmt: skip
_SKIPPED = re.compile(r"SKIPPED:.*")
_GTEST = re.compile(r"^\[=+\] (\d+) tests? from \d+ test suites? ran\.", re.MULTILINE)
_GTEST_SKIPPED = re.compile(r"^\[  SKIPPED \] (\d+) tests?[.,]", re.MULTILINE)
_GTEST_FAILED = re.compile(r"^\[  FAILED  \] (\w[\w/]*\.[\w/]+)", re.MULTILINE)
_UNITTEST = re.compile(r"^Ran (\d+) tests? in ", re.MULTILINE)
_UNITTEST_SKIPPED = re.compile(r"^(?:OK|FAILED) \(.*?skipped=(\d+)", re.MULTILINE)
_UNITTEST_FAILED = re.compile(r"^(?:FAIL|ERROR|UNEXPECTED SUCCESS): (.+)$", re.MULTILINE)


@dataclasses.dataclass
class Cases:
    passed: int = 0
    skipped: int = 0
    failed: list[str] = dataclasses.field(default_factory=list)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {len(self.failed)} failed{skipped}"


def _skipped(found: re.Match | None) -> int:
    return int(found[1]) if found else 0


def cases_of(name: str, output: str, verdict: str) -> Cases:
    """The cases of one test of ctest. The verdict is that of ctest: Passed, Failed, Skipped and others."""
    gtest, unittest = _GTEST.search(output), _UNITTEST.search(output)
    if gtest:
        ran, skipped = int(gtest[1]), _skipped(_GTEST_SKIPPED.search(output))
    elif unittest:
        skipped = _skipped(_UNITTEST_SKIPPED.search(output))
        # If a whole class is skipped, unittest reports it as skipped, but not as run.
        ran = max(int(unittest[1]), skipped)
    else:
        ran, skipped = int(verdict == "Passed"), int(verdict == "Skipped")
        ran = max(ran, skipped)
    failures = list(dict.fromkeys(_GTEST_FAILED.findall(output) + _UNITTEST_FAILED.findall(output)))
    failed = [f"{name}: {case}" for case in failures]
    if verdict not in ("Passed", "Skipped") and (not failed or not (gtest or unittest)):
        failed.append(f"{name}: {verdict}")
    return Cases(max(0, ran - skipped - len(failures)), skipped, failed)


def count(log: str) -> Cases:
    every = Cases()
    for section in _SECTION.finditer(log):
        one = cases_of(section["name"], section["output"], section["verdict"])
        every.passed += one.passed
        every.skipped += one.skipped
        every.failed += one.failed
    return every


def main() -> int:
    with open(sys.argv[1], encoding="utf-8", errors="replace") as file:
        log = file.read()
    cases = count(log)
    for failed in cases.failed:
        print(f"FAILED: {failed}")
    reasons = collections.Counter(_SKIPPED.findall(log))
    if reasons:
        print("Could not run here:", file=sys.stderr)
    for reason, times in sorted(reasons.items()):
        print(f"{times:7} {reason}", file=sys.stderr, flush=True)
    print(cases)
    return 0


if __name__ == "__main__":
    sys.exit(main())
