// The process's side of the BPF programs that walk the hash table.
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
  std::uint64_t address = 0;  ///< Address of the kernel's struct net.
  std::uint32_t inode = 0;    ///< As in /proc/self/ns/net.
};

/// Location of the host's hash table, derived from a flow.
struct FlowLocation {
  std::uint64_t table = 0;   ///< Address of the first bucket.
  std::uint32_t bucket = 0;  ///< Bucket of one direction of the flow.
};

/// \brief  The loaded programs, and one batch for each thread that runs them.
/// Threads: a batch is used by one thread at a time; everything else by one thread.
class FlowWalkPrograms {
 public:
  virtual ~FlowWalkPrograms() = default;

  /// Returns the number of batches, at least one.
  [[nodiscard]] virtual unsigned batches() const = 0;
  [[nodiscard]] virtual flow_walk_batch& batch(unsigned index) = 0;

  /// Resets a batch: sums are zero, and no bucket is to be read. Without `variables`, the table is
  /// at `table`.
  void Reset(unsigned index, const TableVariables& variables, std::uint64_t table,
             std::uint64_t own_namespace = 0, flow_walk_others others = FLOW_WALK_IGNORE);

  /// Reads buckets into a batch. Starts at its current bucket and ends when the batch is full, at
  /// its end, or after FLOW_WALK_BUCKETS buckets.
  [[nodiscard]] virtual Result<void> Run(unsigned index) = 0;

  /// Returns the network namespace of the calling thread.
  [[nodiscard]] virtual Result<OwnNamespace> FindOwnNamespace() = 0;

  /// \brief  Returns the variables that currently lead to the table; empty if a flow must be looked
  ///         up instead.
  /// Errors:  kAbsent, kDenied if neither is possible.
  [[nodiscard]] virtual Result<TableVariables> FindVariables() = 0;

  /// Call this if the variables did not lead to the table. FindVariables() then reads their
  /// addresses again.
  virtual void ForgetVariables() = 0;

  /// \brief  Finds the table with a TCP or UDP flow of this namespace, in zone 0.
  /// Errors:  kInterrupted if the flow is gone, or if its chain changed.
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
  kBest,  ///< In place if the kernel supports it (since Linux 6.2), otherwise by copy.
  kCopy,  ///< With bpf_probe_read_kernel, at two to three times the cost.
};

/// \brief  Loads the programs with libbpf, with `threads` batches, and opens /proc/kallsyms.
///         Afterwards the process may drop its capabilities, and nf_conntrack may be loaded and
///         unloaded.
/// Source:  docs/bpf.md lists the kernels that support this, and what each lacks.
/// Errors:  kAbsent if this build or this kernel does not support it; kDenied without CAP_BPF and
///          CAP_PERFMON, or if a filter refuses bpf(2). Each error names what is missing. If the
///          table cannot be located, FindVariables() reports it.
/// Threads and cost: call it once, before other threads are started. It starts a child process for
///          some 0.1 s, with 16 MB, and a second one if the kernel hides the variables. Afterwards
///          240 kB per thread.
[[nodiscard]] Result<std::shared_ptr<FlowWalkPrograms>> LoadFlowWalkPrograms(
    const KernelFiles& proc, const KernelFiles& sys, unsigned threads,
    WalkReading reading = WalkReading::kBest);

}  // namespace conntrack::kernel
