// What one entry of the table costs.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/proc/machine.h"
#include "kernel/result.h"

namespace conntrack {

/// \brief  Bytes of one entry by the kernel's release, for where /proc/slabinfo cannot be read.
/// Source:  sizeof(struct nf_conn) and its alignment on 64-bit machines: 256 bytes since 6.1, 320
///          before.
[[nodiscard]] std::uint64_t EstimateEntryBytes(kernel::KernelRelease release);

/// Memory of the entries of the table, without their extensions.
struct EntryMemory {
  std::uint64_t entry_bytes = 0;                 ///< Of one entry with its alignment.
  std::uint64_t netns_bytes = 0;                 ///< Of the entries of this network namespace.
  std::string_view source;                       ///< "slabinfo" (measured) or "estimate".
  std::optional<std::uint64_t> host_bytes = {};  ///< Slab pages of the whole host; if measured.

  [[nodiscard]] bool measured() const { return source == kMeasured; }

  static constexpr std::string_view kMeasured = "slabinfo";
};

/// \brief  The memory of `entries` entries.
/// Source:  /proc/slabinfo (mode 0400: root), otherwise the estimate by kernel release.
/// Errors:  where neither can be had, those of reading the release.
/// Threads and cost: any thread; the kernel visits all its slab caches for slabinfo.
[[nodiscard]] Result<EntryMemory> ReadEntryMemory(const kernel::KernelFiles& proc,
                                                  std::uint64_t entries);

/// Bytes of a hash table: one pointer a bucket (nf_ct_alloc_hashtable).
[[nodiscard]] constexpr std::uint64_t HashTableBytes(std::uint64_t buckets) {
  return buckets * sizeof(void*);
}

/// Bytes of entries, without extensions, and hash table once the table is full.
[[nodiscard]] constexpr std::uint64_t MemoryAtLimit(std::uint64_t entry_bytes, std::uint64_t limit,
                                                    std::uint64_t buckets) {
  return entry_bytes * limit + HashTableBytes(buckets);
}

}  // namespace conntrack
