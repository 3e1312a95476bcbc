"""Where nf_conntrack is not loaded: that is a state, and nothing that the exporter does ends it."""

import binaries
import host
from checks import check, expect, expect_equal

COMMANDS = (("check",), ("report",), ("report", "--format", "json"), ("advise", "--profile", "nat-gateway"), ("healthcheck",))


@check("absent: no command loads a module (root)")
def root_loads_nothing():
    return loads_nothing(())


@check("absent: no command loads a module (user)")
def user_loads_nothing():
    return loads_nothing(host.USER)


def loads_nothing(user: tuple[str, ...]) -> str:
    host.unload()
    before = host.modules()
    culprits = []
    for words in COMMANDS:
        host.run(*user, binaries.exporter(), *words)
        loaded = host.modules() - before
        if loaded:
            culprits.append(f"{' '.join(words)}: {', '.join(sorted(loaded))}")
            host.unload()
    expect(not culprits, f"loaded by {'; by '.join(culprits)}")
    return f"{len(COMMANDS)} commands"
