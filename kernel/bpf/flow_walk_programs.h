// The BPF programs that walk the hash table, as seen from the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "kernel/bpf/flow_walk_batch.h"
#include "kernel/bpf/kernel_symbols.h"
#include "kernel/flow.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// The network namespace of a thread.
struct OwnNamespace {
  std::uint64_t address = 0;  ///< Of the kernel's struct net.
  std::uint32_t inode = 0;    ///< As /proc/self/ns/net shows it.
};

/// Where a flow says that the hash table of the host is.
struct FlowLocation {
  std::uint64_t table = 0;   ///< Address of the first bucket.
  std::uint32_t bucket = 0;  ///< Of one direction of the flow.
};

/// \brief  The loaded programs, and one batch for each thread that runs them.
/// Threads: a batch belongs to one thread at a time; the rest is for one thread.
class FlowWalkPrograms {
 public:
  virtual ~FlowWalkPrograms() = default;

  /// The number of batches, at least one.
  [[nodiscard]] virtual unsigned batches() const = 0;
  [[nodiscard]] virtual flow_walk_batch& batch(unsigned index) = 0;

  /// Begins anew with a batch: sums are zero, no bucket is to be read. Without `variables`, the
  /// table is at `table`.
  void Reset(unsigned index, const TableVariables& variables, std::uint64_t table,
             std::uint64_t own_namespace = 0, flow_walk_others others = FLOW_WALK_IGNORE);

  /// Reads buckets into a batch, from its present one until it is full, at its end, or has read
  /// FLOW_WALK_BUCKETS of them.
  [[nodiscard]] virtual Result<void> Run(unsigned index) = 0;

  /// The network namespace of the calling thread.
  [[nodiscard]] virtual Result<OwnNamespace> FindOwnNamespace() = 0;

  /// \brief  The variables that lead to the table now; none if a flow has to be looked up.
  /// Errors:  kAbsent, kDenied if neither is possible.
  [[nodiscard]] virtual Result<TableVariables> FindVariables() = 0;

  /// They did not lead to the table: FindVariables() reads their addresses again.
  virtual void ForgetVariables() = 0;

  /// \brief  Finds the table by a TCP or UDP flow of this namespace, in zone 0.
  /// Errors:  kInterrupted if the flow is gone, or its chain moved.
  [[nodiscard]] virtual Result<FlowLocation> FindTable(const Flow& known) = 0;
};

inline void FlowWalkPrograms::Reset(unsigned index, const TableVariables& variables,
                                    std::uint64_t table, std::uint64_t own_namespace,
                                    flow_walk_others others) {
  auto& to = batch(index);
  std::memset(&to, 0, offsetof(flow_walk_batch, node));
  to.table = table;
  to.table_symbol = variables.hash;
  to.generation_symbol = variables.generation;
  to.own_net = own_namespace;
  to.others = others;
}

/// How the walk reads the kernel's memory.
enum class WalkReading {
  kBest,  ///< In place if the kernel can (Linux 6.2 or later), otherwise by copy.
  kCopy,  ///< By bpf_probe_read_kernel, at two to three times the cost.
};

/// \brief  Loads the programs with libbpf, with `threads` batches, and opens /proc/kallsyms.
///         Afterwards the process may drop its capabilities, and nf_conntrack may be loaded and
///         unloaded.
/// Source:  docs/bpf.md says which kernels can, and what each lacks.
/// Errors:  kAbsent if this build or this kernel cannot; kDenied without CAP_BPF and CAP_PERFMON,
///          or if a filter refuses bpf(2). Each names what is missing. A table that cannot be
///          located is an error of FindVariables().
/// Threads and cost: once, before other threads are made; a child process for some 0.1 s, with 16
///          MB; a second one if the kernel hides the variables. Afterwards 240 kB a thread.
[[nodiscard]] Result<std::shared_ptr<FlowWalkPrograms>> LoadFlowWalkPrograms(
    const KernelFiles& proc, const KernelFiles& sys, unsigned threads,
    WalkReading reading = WalkReading::kBest);

}  // namespace conntrack::kernel
