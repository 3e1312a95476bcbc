"""What this kernel is expected to have: all that the suite knows about versions. A check that finds otherwise fails."""

import os
import re

RELEASE = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])

BPF = RELEASE >= (5, 19)  # bpf_loop, and BPF_PROG_RUN without a capability
BPF_IN_PLACE = RELEASE >= (6, 2)  # bpf_rdonly_cast: without it no lookup finds the table, and lockdown stops the walk
CHAIN_TOOLONG = RELEASE >= (5, 15)  # the counter, and the limit that it counts
DCCP = RELEASE < (6, 17)
LOG_NAMES_THE_NAMESPACE = RELEASE >= (6, 17)
# They take a minute or two, and what a boot leaves differs by the defaults, of which these have both kinds.
BOOTS = RELEASE in ((5, 10), (6, 1))
