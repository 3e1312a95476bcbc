"""How much the benchmark does: all that its figures need, or, with run.py --brief, just enough to see that it runs."""

import os

VARIABLE = "CONNTRACK_BENCH_BRIEF"
BRIEF = VARIABLE in os.environ


def rounds(full: int) -> int:
    return 1 if BRIEF else full
