// Memory of an entry of the table.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/proc/machine.h"
#include "kernel/result.h"

namespace conntrack {

/// \brief  Returns the bytes of one entry by kernel release, for systems without access to
///         /proc/slabinfo.
/// Source:  sizeof(struct nf_conn) with alignment on 64-bit machines: 256 bytes since 6.1, 320
///          before.
[[nodiscard]] std::uint64_t EstimateEntryBytes(kernel::KernelRelease release);

/// Memory of the entries of the table, without their extensions.
struct EntryMemory {
  std::uint64_t entry_bytes = 0;                 ///< One entry with alignment.
  std::uint64_t netns_bytes = 0;                 ///< Entries of this network namespace.
  std::string_view source;                       ///< "slabinfo" (measured) or "estimate".
  std::optional<std::uint64_t> host_bytes = {};  ///< Slab pages of the host, if measured.

  [[nodiscard]] bool measured() const { return source == kMeasured; }

  static constexpr std::string_view kMeasured = "slabinfo";
};

/// \brief  Returns the memory of `entries` entries.
/// Source:  /proc/slabinfo (mode 0400: root), otherwise the estimate by kernel release.
/// Errors:  those of reading the release, if slabinfo cannot be read either.
/// Threads and cost: any thread; for slabinfo, the kernel visits all its slab caches.
[[nodiscard]] Result<EntryMemory> ReadEntryMemory(const kernel::KernelFiles& proc,
                                                  std::uint64_t entries);

/// Returns the bytes of a hash table: one pointer per bucket (nf_ct_alloc_hashtable).
[[nodiscard]] constexpr std::uint64_t HashTableBytes(std::uint64_t buckets) {
  return buckets * sizeof(void*);
}

/// Returns the bytes of a full table: entries without extensions, and the hash table.
[[nodiscard]] constexpr std::uint64_t MemoryAtLimit(std::uint64_t entry_bytes, std::uint64_t limit,
                                                    std::uint64_t buckets) {
  return entry_bytes * limit + HashTableBytes(buckets);
}

}  // namespace conntrack
