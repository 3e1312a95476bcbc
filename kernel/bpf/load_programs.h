// Loading the BPF programs with libbpf.
#pragma once

#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/bpf/loading_process.h"
#include "kernel/result.h"

namespace conntrack::kernel::bpf {

/// Indices into the result of LoadWalk().
enum WalkHandle { kWalk, kFindSelf, kBatches };

/// \brief  Loads flow_walk.bpf.c or flow_walk_by_copy.bpf.c in this process, for `threads` threads.
///         Costs 0.1 s, and 10 MB that are not freed.
/// Errors:  see LoadFlowWalkPrograms().
[[nodiscard]] Result<Handles> LoadWalk(unsigned threads, WalkReading reading);

/// Indices into the result of LoadLookup().
enum LookupHandle { kLookUp, kFindTable, kKnownFlow };

/// \brief  Loads table_lookup.bpf.c in the same way. If nf_conntrack is a module, it must be loaded
///         before, and cannot be unloaded while the programs are loaded.
[[nodiscard]] Result<Handles> LoadLookup();

}  // namespace conntrack::kernel::bpf
