// The seam between the walk of the hash table and the programs in the kernel that do it.
#pragma once

#include <cstdint>

#include "kernel/bpf/flow_walk_batch.h"
#include "kernel/flow.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Where the hash table of the host is in the kernel's memory.
struct TableAddress {
  std::uint64_t buckets = 0;  ///< Of the first bucket.
  /// Of the kernel's variable that says so; 0 where the kernel does not show it.
  std::uint64_t variable = 0;

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
  FlowWalkPrograms() = default;
  FlowWalkPrograms(const FlowWalkPrograms&) = delete;
  FlowWalkPrograms& operator=(const FlowWalkPrograms&) = delete;
  virtual ~FlowWalkPrograms() = default;

  /// How many batches there are; at least one.
  [[nodiscard]] virtual unsigned batches() const = 0;
  [[nodiscard]] virtual flow_walk_batch& batch(unsigned index) = 0;

  /// Reads buckets into a batch, from where it stands until it is full, at its end, or has read
  /// FLOW_WALK_BUCKETS of them.
  [[nodiscard]] virtual Result<void> Run(unsigned index) = 0;

  /// The network namespace of the calling thread.
  [[nodiscard]] virtual Result<OwnNamespace> FindOwnNamespace() = 0;

  /// Of the variable that says where the table is; 0 where the kernel does not show it.
  [[nodiscard]] virtual std::uint64_t table_variable() const = 0;

  /// \brief  Where the table is, by a TCP or UDP flow of this namespace, in zone 0.
  /// Errors:  kInterrupted where there is no such flow any more, or its chain moved.
  [[nodiscard]] virtual Result<FlowLocation> FindTable(const Flow& known) = 0;
};

}  // namespace conntrack::kernel
