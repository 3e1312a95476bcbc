// Memory of the conntrack slab cache, from /proc/slabinfo.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::kernel {

/// What the slab allocator holds for conntrack entries, over all namespaces of the host.
struct SlabUsage {
  std::uint64_t active_objects = 0;  ///< Entries in use, and free ones in per-CPU caches.
  std::uint64_t object_bytes = 0;    ///< One entry with its alignment, without extensions.
  std::uint64_t held_bytes = 0;      ///< Pages of the cache, in use or not.
};

/// \brief  Adds up the conntrack caches in the text of /proc/slabinfo.
/// Source:  /proc/slabinfo version 2.x, mode 0400: root. One cache `nf_conntrack` since 4.7;
///          before, one with a suffix for each namespace. `nf_conntrack_expect` is not counted.
/// Units:   objects and bytes; current.
/// Errors:  kAbsent if no such cache is listed; kMalformed if its line is not as expected.
/// Threads and cost: pure. Reading the file makes the kernel visit every cache: some 0.2 ms.
[[nodiscard]] Result<SlabUsage> ParseSlabinfo(std::string_view text, std::uint64_t page_bytes);

}  // namespace conntrack::kernel
