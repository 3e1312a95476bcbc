// The walk for Linux 5.19 to 6.1, which lack bpf_rdonly_cast().
#define FLOW_WALK_BY_COPY
#include "flow_walk.bpf.c"
