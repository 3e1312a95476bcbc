// Memory of the slab cache of conntrack entries, from /proc/slabinfo.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::kernel {

/// Slab memory of conntrack entries, over all namespaces of the host.
struct SlabUsage {
  std::uint64_t active_objects = 0;  ///< Entries in use, and free objects in per-CPU caches.
  std::uint64_t object_bytes = 0;    ///< Size of an entry with alignment, without extensions.
  std::uint64_t held_bytes = 0;      ///< Pages of the cache, in use or not.
};

/// \brief  Adds up the conntrack caches in the text of /proc/slabinfo.
/// Source:  /proc/slabinfo version 2.x, mode 0400: root. One cache `nf_conntrack` since 4.7;
///          before, one per namespace, with a suffix. `nf_conntrack_expect` is not counted.
/// Units:   objects and bytes; current.
/// Errors:  kAbsent if there is no such cache; kMalformed if its line is in an unknown format.
/// Threads and cost: pure. To read the file, the kernel visits every cache: some 0.2 ms.
[[nodiscard]] Result<SlabUsage> ParseSlabinfo(std::string_view text, std::uint64_t page_bytes);

}  // namespace conntrack::kernel
