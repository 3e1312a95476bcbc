#include "collectors/entry_memory.h"

#include <unistd.h>

#include "kernel/proc/slabinfo.h"

namespace conntrack {

std::uint64_t EstimateEntryBytes(kernel::KernelRelease release) {
  return release >= kernel::KernelRelease{6, 1} ? 256 : 320;
}

Result<EntryMemory> ReadEntryMemory(const kernel::KernelFiles& proc, std::uint64_t entries) {
  if (const auto text = proc.Read("slabinfo")) {
    const auto slab =
        kernel::ParseSlabinfo(*text, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    if (slab) {
      return EntryMemory{slab->object_bytes, slab->object_bytes * entries, EntryMemory::kMeasured,
                         slab->held_bytes};
    }
  }
  const auto release = kernel::ReadKernelRelease(proc);
  if (!release) return Fail(release.error());
  const auto bytes = EstimateEntryBytes(*release);
  return EntryMemory{bytes, bytes * entries, "estimate"};
}

}  // namespace conntrack
