// conntrack_memory_*: what the table costs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "collectors/collector.h"
#include "collectors/entry_memory.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack {

/// Bytes.
struct MemoryReading {
  std::optional<EntryMemory> entries = {};
  std::optional<std::uint64_t> hash_table = {};
  bool one_hash_table = true;  ///< Of all network namespaces; before Linux 4.7 each has its own.
  /// Of both once the table is full; an estimate. Absent where there is no limit.
  std::optional<std::uint64_t> at_limit = {};
  std::optional<std::uint64_t> machine = {};
  std::vector<Omission> omissions = {};
};

/// \brief  Memory of the table now and at its limit, and of the machine.
/// Source:  /proc/slabinfo (mode 0400: root), nf_conntrack_{count,max,buckets}, /proc/meminfo.
///          Where slabinfo cannot be read, the size of an entry is an estimate by kernel release;
///          conntrack_memory_source_info tells which.
/// Units:   bytes, of this network namespace or of the whole host (label scope), without the
///          extensions of entries (128 bytes or more), which live in general caches of the kernel and
///          cannot be told apart.
/// Errors:  kAbsent where connection tracking is not loaded. What lacks a part of its sum is
///          omitted.
/// Threads and cost: any thread; some 15 system calls.
class MemoryCollector final : public Collector {
 public:
  explicit MemoryCollector(kernel::KernelFiles proc) : proc_(std::move(proc)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  kernel::KernelFiles proc_;
};

[[nodiscard]] CatalogueEntry MemoryEntry();

}  // namespace conntrack
