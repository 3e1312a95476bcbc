// Loading the BPF programs with libbpf.
#pragma once

#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/bpf/loading_process.h"
#include "kernel/result.h"

namespace conntrack::kernel::bpf {

/// The handles of LoadWalk().
enum WalkHandle { kWalk, kFindSelf, kBatches };

/// \brief  Loads flow_walk.bpf.c, or flow_walk_by_copy.bpf.c, in this process for `threads`
///         threads. Costs 0.1 s, and 10 MB that stay.
/// Errors:  see LoadFlowWalkPrograms().
[[nodiscard]] Result<Handles> LoadWalk(unsigned threads, WalkReading reading);

/// The handles of LoadLookup().
enum LookupHandle { kLookUp, kFindTable, kKnownFlow };

/// \brief  Likewise table_lookup.bpf.c. If nf_conntrack is a module, it has to be loaded before,
///         and cannot be unloaded while the programs are loaded.
[[nodiscard]] Result<Handles> LoadLookup();

}  // namespace conntrack::kernel::bpf
