// Loading the BPF programs with libbpf.
#pragma once

#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/bpf/loading_process.h"
#include "kernel/result.h"

namespace conntrack::kernel::bpf {

/// The handles of LoadWalk().
enum WalkHandle { kWalk, kFindSelf, kBatches, kWalkHandles };

/// \brief  Loads flow_walk.bpf.c or flow_walk_by_copy.bpf.c in this process, for `threads` threads: what this kernel can run of
///         it. Costs 0.1 s, and 10 MB that stay.
/// Errors:  see LoadFlowWalkPrograms().
[[nodiscard]] Result<Handles> LoadWalk(unsigned threads, WalkReading reading);

/// The handles of LoadLookup().
enum LookupHandle { kLookUp, kFindTable, kKnownFlow, kLookupHandles };

/// \brief  Likewise table_lookup.bpf.c. As a module, nf_conntrack has to be there, and cannot be
///         unloaded as long as the programs are.
[[nodiscard]] Result<Handles> LoadLookup();

}  // namespace conntrack::kernel::bpf
