// The BPF programs that walk the hash table, as seen from the process.
#pragma once

#include <cstdint>
#include <memory>

#include "kernel/bpf/flow_walk_batch.h"
#include "kernel/flow.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Where the hash table of the host is in the kernel's memory.
struct TableAddress {
  std::uint64_t buckets = 0;   ///< Of the first bucket.
  std::uint64_t variable = 0;  ///< Of nf_conntrack_hash; 0 if the kernel does not show it.

  friend bool operator==(const TableAddress&, const TableAddress&) = default;
};

/// The network namespace of a thread.
struct OwnNamespace {
  std::uint64_t address = 0;  ///< Of the kernel's struct net.
  std::uint32_t inode = 0;    ///< As /proc/self/ns/net shows it.
};

/// A flow in the table, and the bucket of one of its directions.
struct FlowLocation {
  TableAddress table;
  std::uint32_t bucket = 0;
};

/// \brief  The loaded programs, and one batch for each thread that runs them.
/// Threads: a batch belongs to one thread at a time; the rest is for one thread.
class FlowWalkPrograms {
 public:
  virtual ~FlowWalkPrograms() = default;

  /// The number of batches, at least one.
  [[nodiscard]] virtual unsigned batches() const = 0;
  [[nodiscard]] virtual flow_walk_batch& batch(unsigned index) = 0;

  /// Reads buckets into a batch, from its present one until it is full, at its end, or has read
  /// FLOW_WALK_BUCKETS of them.
  [[nodiscard]] virtual Result<void> Run(unsigned index) = 0;

  /// The network namespace of the calling thread.
  [[nodiscard]] virtual Result<OwnNamespace> FindOwnNamespace() = 0;

  /// The address of nf_conntrack_hash; 0 if the kernel does not show it.
  [[nodiscard]] virtual std::uint64_t table_variable() const = 0;

  /// \brief  Finds the table by a TCP or UDP flow of this namespace, in zone 0.
  /// Errors:  kInterrupted if the flow is gone, or its chain moved.
  [[nodiscard]] virtual Result<FlowLocation> FindTable(const Flow& known) = 0;
};

/// \brief  Loads the programs with libbpf, with `threads` batches. Afterwards the process may drop
///         its capabilities.
/// Source:  docs/bpf.md says which kernels can, and what each lacks.
/// Errors:  kAbsent if this build or this kernel cannot; kDenied without CAP_BPF, CAP_PERFMON and
///          CAP_NET_ADMIN, or if the kernel is locked down. Each names what is missing.
/// Threads and cost: once, before other threads are made; a child process for some 0.1 s, with 16
///          MB. Afterwards 240 kB a thread.
[[nodiscard]] Result<std::shared_ptr<FlowWalkPrograms>> LoadFlowWalkPrograms(
    const KernelFiles& proc, unsigned threads);

}  // namespace conntrack::kernel
