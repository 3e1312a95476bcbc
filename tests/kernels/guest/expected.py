"""What this kernel is expected to have: all that the suite knows of versions. A check that finds otherwise fails."""

import os
import re

RELEASE = tuple(int(number) for number in re.findall(r"\d+", os.uname().release)[:2])

BPF_IN_PLACE = RELEASE >= (6, 2)  # bpf_rdonly_cast and bpf_rcu_read_lock: otherwise the walk copies, and no lookup finds the table
BPF = RELEASE >= (5, 19)  # bpf_loop, and BPF_PROG_RUN without a capability
CHAIN_TOOLONG = RELEASE >= (5, 15)  # the counter, and the limit that it counts
DCCP = RELEASE < (6, 17)
LOG_NAMES_THE_NAMESPACE = RELEASE >= (6, 17)
