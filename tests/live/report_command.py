"""`conntrack_exporter report` as a command that is run and asked for its JSON."""

import json

import binaries
from lab import Namespace

# Somebody else on this machine may have filled a table: then a small one would rightly not be dumped.
HOLD = "--collector.flows.max-softirq-hold=60000"


def report(namespace: Namespace, *flags: str, program: tuple[str, ...] = (), code: int = 0) -> dict:
    """What `report --format=json` says."""
    words = program or (binaries.exporter(),)
    done = namespace.run(*words, "report", "--format=json", HOLD, *flags, check=False)
    if done.returncode != code:
        raise AssertionError(f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)


def by_id(found: dict) -> dict[str, dict]:
    return {finding["id"]: finding for finding in found["findings"]}
