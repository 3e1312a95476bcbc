// Loading the BPF programs with libbpf.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/bpf/loading_process.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel::bpf {

/// The address in one line of /proc/kallsyms, 0 if it is hidden; nothing if the line is not of
/// `symbol`, or has no address.
[[nodiscard]] std::optional<std::uint64_t> SymbolAddress(std::string_view line,
                                                         std::string_view symbol);

/// \brief  The addresses of variables or functions of the kernel or of a module, in that order.
/// Source:  /proc/kallsyms, with CONFIG_KALLSYMS_ALL; CAP_SYSLOG shows addresses, unless
///          kernel.kptr_restrict is 2.
/// Errors:  kAbsent if one of them is not there; kDenied if its address is hidden.
/// Threads and cost: any thread; 20 to 100 ms.
[[nodiscard]] Result<std::vector<std::uint64_t>> FindKernelSymbols(
    const KernelFiles& proc, std::span<const std::string_view> symbols);

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
