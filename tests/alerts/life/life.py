#!/usr/bin/env python3
"""Runs the situations of situations.py: which alerts an operator gets in each.

promtool only checks instants. So this adds rules that record which alerts fired, when, how often, and whether they were inhibited, and
queries them at the end of each situation. promtool prints the answers because they differ from what the test expects.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
import rule_pack
from situation import Seen, Situation, clock
from situations import SITUATIONS

LONG = 10 * 3600
FIRING = 'ALERTS{alertstate="firing"}'
ASKED = ("begins", "first", "last")
NEVER = [{"labels": '{__name__="never"}', "value": 0}]  # no query yields this, so promtool prints what it did yield


def groups(situations: Iterable[Situation]) -> list[list[Situation]]:
    """Situations that may share a run, as evaluating all rules costs more than more series do. The longest runs first."""
    shared: list[list[Situation]] = []
    for situation in sorted(situations, key=lambda situation: (situation.scrape, situation.evaluation, situation.length)):
        first = shared[-1][0] if shared else situation
        most = 5 if situation.length > LONG else 25  # promtool limits an expression to 10,000 samples, and some read a day
        same = (first.scrape, first.evaluation, first.alone) == (situation.scrape, situation.evaluation, situation.alone)
        if shared and same and not first.alone and len(shared[-1]) < most and situation.length <= 1.5 * first.length:
            shared[-1].append(situation)
        else:
            shared.append([situation])
    return sorted(shared, key=lambda group: -len(group) * group[-1].length / group[0].evaluation)


class Rules:
    """A file of rules, and rules that record which of its alerts fired."""

    def __init__(self, path: pathlib.Path):
        self.path = path.resolve()
        self.order = [group["name"] for group in rule_pack.load(path)["groups"]]
        inhibitions = path.with_name("inhibit_rules.yml")
        alerts = lambda matchers: "ALERTS{" + ", ".join(['alertstate="firing"', *matchers]) + "}"
        inhibited = " or ".join(
            f"({alerts(rule['target_matchers'])} and on ({', '.join(rule['equal'])}) {alerts(rule['source_matchers'])})"
            for rule in (rule_pack.load(inhibitions)["inhibit_rules"] if inhibitions.exists() else [])
        )
        self.told = f"{FIRING} unless ({inhibited})" if inhibited else FIRING

    def keepers(self, step: int) -> dict[str, str]:
        """Each rule reads its own value of the last evaluation."""
        begins = f"({FIRING} unless {FIRING} offset {step}s)"
        return {
            "told": self.told,
            "begins": f"(life:begins + {begins}) or {begins} or life:begins",
            "first": "life:first or (0 * life:told + time())",
            "last": "(0 * life:told + time()) or life:last",
        }

    def run(self, group: list[Situation], promtool: str) -> dict[int, list[Seen]]:
        """The alerts of a group of situations, by the time of the query."""
        step = group[0].evaluation
        lengths = sorted({situation.length for situation in group})
        keepers = [{"record": f"life:{word}", "expr": expr} for word, expr in self.keepers(step).items()]
        test = {
            "interval": f"{group[0].scrape}s",
            "input_series": [series for situation in group for series in situation.series(lengths[-1])],
            "promql_expr_test": [
                {"expr": f"life:{word}", "eval_time": f"{length}s", "exp_samples": NEVER} for word in ASKED for length in lengths
            ],
        }
        with tempfile.TemporaryDirectory() as folder:
            test_file, keeper_file = pathlib.Path(folder, "test.yml"), pathlib.Path(folder, "life.yml")
            rule_pack.dump(keeper_file, {"groups": [{"name": "life", "rules": keepers}]})
            order = [*self.order, "life"]
            files = [str(self.path), str(keeper_file)]
            rule_pack.dump(test_file, {"rule_files": files, "evaluation_interval": f"{step}s", "group_eval_order": order, "tests": [test]})
            done = subprocess.run([promtool, "test", "rules", str(test_file)], capture_output=True, text=True, check=False)
        output = done.stdout + done.stderr
        answer = re.compile(r'expr: "life:(\w+)", time: (\w+),\s+exp:.*\s+got:(.*)')
        answers = answer.findall(output)
        rest = answer.sub("", output).replace(str(test_file), "").split()
        if len(answers) != len(ASKED) * len(lengths) or rest != ["Unit", "Testing:", "FAILED:"]:
            raise RuntimeError(f"promtool does not answer for {[situation.name for situation in group]}: {output[:4000]}")
        seen: dict[int, dict[str, Seen]] = {length: {} for length in lengths}
        for word, time, samples in answers:
            length = rule_pack.seconds(time)
            for text, value in re.findall(r"\{([^}]*)\} (\S+?)(?:,|$)", samples, re.M):
                labels = {label: value for label, value in re.findall(r'(\w+)="([^"]*)"', text) if label != "__name__"}
                alert = seen[length].setdefault(str(sorted(labels.items())), Seen(labels))
                setattr(alert, word, int(float(value)))
                alert.told |= word == "first"
        return {length: list(found.values()) for length, found in seen.items()}


def live(situations: Iterable[Situation], rules: Rules, promtool: str) -> dict[str, tuple[list[str], list[Seen]]]:
    """What is wrong in each situation, and the alerts seen in it."""
    found: dict[str, tuple[list[str], list[Seen]]] = {}
    shared = groups(situations)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for group, by_length in zip(shared, pool.map(lambda group: rules.run(group, promtool), shared)):
            for situation in group:
                seen = [alert for alert in by_length[situation.length] if situation.owns(alert)]
                found[situation.name] = (situation.faults(seen), seen)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="situations (default: all)")
    parser.add_argument("--list", action="store_true", help="list the situations")
    parser.add_argument("--verbose", action="store_true", help="show the alerts of each situation, expected or not")
    parser.add_argument("--rules", type=pathlib.Path, default=rule_pack.SHIPPED, help="a file of rules; its inhibit_rules.yml is beside it")
    flags = parser.parse_args()
    if unknown := set(flags.names) - set(SITUATIONS):
        parser.error(f"no situation is called {', '.join(sorted(unknown))}")
    chosen = [situation for name, situation in SITUATIONS.items() if not flags.names or name in flags.names]
    if flags.list:
        print("\n".join(f"{situation.name:32} {situation.text}" for situation in chosen))
        return 0
    promtool = rule_pack.binaries.tool("promtool")
    if not promtool:
        print("SKIPPED: no promtool; 'make test' brings it (scripts/install-dependencies)", file=sys.stderr)
        return 77
    found = live(chosen, Rules(flags.rules), promtool)
    for situation in chosen:
        faults, seen = found[situation.name]
        if faults or flags.verbose:
            print(f"\n{situation.name}: {situation.text} ({clock(situation.length)})")
            for title, lines in (
                ("expected", [e.text for e in situation.expectations] or ["nothing"]),
                ("seen", [str(alert) for alert in sorted(seen, key=lambda alert: alert.first)] or ["nothing"]),
                ("WRONG", faults),
            ):
                print("\n".join(f"  {title if number == 0 else '':9} {line}" for number, line in enumerate(lines)))
    wrong = sum(bool(faults) for faults, _ in found.values())
    if wrong:
        print(f"\n{wrong} of {len(found)} situations are not as expected")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
