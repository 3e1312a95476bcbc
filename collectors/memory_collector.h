// conntrack_memory_*: memory of the table.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "collectors/collector.h"
#include "collectors/entry_memory.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack {

/// All values are in bytes.
struct MemoryReading {
  std::optional<EntryMemory> entries = {};
  std::optional<std::uint64_t> hash_table = {};
  bool one_hash_table = true;  ///< For all network namespaces; before 4.7 each has its own.
  /// Estimate of entries and hash table when the table is full. Absent if there is no limit.
  std::optional<std::uint64_t> at_limit = {};
  std::optional<std::uint64_t> machine = {};
  std::vector<Omission> omissions = {};
};

/// \brief  Memory of the table, now and at its limit, and memory of the machine.
/// Source:  /proc/slabinfo (mode 0400: root), nf_conntrack_{count,max,buckets}, /proc/meminfo. If
///          slabinfo cannot be read, the size of an entry is estimated by kernel release;
///          conntrack_memory_source_info shows which one was used.
/// Units:   bytes, of this network namespace or of the host (label scope). Extensions of entries
///          (128 bytes or more) are not included: they are in general caches of the kernel and
///          cannot be told apart.
/// Errors:  kAbsent if connection tracking is not loaded. A value is omitted if a part of its sum
///          is missing.
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
