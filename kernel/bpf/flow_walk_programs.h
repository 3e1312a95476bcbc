// The BPF programs that walk the hash table, as seen from the process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

#include "kernel/bpf/flow_walk_batch.h"
#include "kernel/flow.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Addresses of two variables of the kernel; all 0 if it does not show them.
struct TableVariables {
  std::uint64_t hash = 0;        ///< nf_conntrack_hash, which has the address of the table.
  std::uint64_t generation = 0;  ///< nf_conntrack_generation, which a resize changes, twice.

  explicit operator bool() const { return hash != 0; }
};

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

  /// Begins anew with a batch: sums are zero, no bucket is to be read.
  void Reset(unsigned index, std::uint64_t table, std::uint64_t own_namespace = 0,
             bool count_namespaces = false);

  /// Reads buckets into a batch, from its present one until it is full, at its end, or has read
  /// FLOW_WALK_BUCKETS of them.
  [[nodiscard]] virtual Result<void> Run(unsigned index) = 0;

  /// The network namespace of the calling thread.
  [[nodiscard]] virtual Result<OwnNamespace> FindOwnNamespace() = 0;

  /// Those of this kernel, as far as it shows them.
  [[nodiscard]] virtual TableVariables variables() const = 0;

  /// \brief  Finds the table by a TCP or UDP flow of this namespace, in zone 0.
  /// Errors:  kInterrupted if the flow is gone, or its chain moved.
  [[nodiscard]] virtual Result<FlowLocation> FindTable(const Flow& known) = 0;
};

inline void FlowWalkPrograms::Reset(unsigned index, std::uint64_t table,
                                    std::uint64_t own_namespace, bool count_namespaces) {
  auto& to = batch(index);
  std::memset(&to, 0, offsetof(flow_walk_batch, node));
  to.table = table;
  to.table_symbol = variables().hash;
  to.generation_symbol = variables().generation;
  to.own_net = own_namespace;
  to.count_namespaces = count_namespaces ? 1 : 0;
}

/// How the walk reads the kernel's memory.
enum class WalkReading {
  kBest,  ///< In place where this kernel can (Linux 6.2), otherwise by copy.
  kCopy,  ///< By bpf_probe_read_kernel, as before Linux 6.2: twice the cost.
};

/// \brief  Loads the programs with libbpf, with `threads` batches. Afterwards the process may drop
///         its capabilities.
/// Source:  docs/bpf.md says which kernels can, and what each lacks.
/// Errors:  kAbsent if this build or this kernel cannot; kDenied without CAP_BPF, CAP_PERFMON and
///          CAP_NET_ADMIN, or if the kernel is locked down. Each names what is missing.
/// Threads and cost: once, before other threads are made; a child process for some 0.1 s, with 16
///          MB. Afterwards 240 kB a thread.
[[nodiscard]] Result<std::shared_ptr<FlowWalkPrograms>> LoadFlowWalkPrograms(
    const KernelFiles& proc, unsigned threads, WalkReading reading = WalkReading::kBest);

}  // namespace conntrack::kernel
