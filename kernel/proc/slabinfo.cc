#include "kernel/proc/slabinfo.h"

#include <algorithm>
#include <array>
#include <string>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr std::string_view kCache = "nf_conntrack";

/// nf_conntrack, or with the suffix of kernels before 4.7: an address or a number.
bool IsEntryCache(std::string_view name) {
  if (!name.starts_with(kCache)) return false;
  name.remove_prefix(kCache.size());
  if (name.empty()) return true;
  if (name.front() != '_' || name.size() < 2) return false;
  return ParseNumber<std::uint64_t>(name.substr(1), 16).has_value();
}

}  // namespace

Result<SlabUsage> ParseSlabinfo(std::string_view text, std::uint64_t page_bytes) {
  SlabUsage usage;
  bool found = false;
  while (!text.empty()) {
    auto line = TakeLine(text);
    const auto whole = line;
    if (!IsEntryCache(TakeWord(line))) continue;
    // <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables ... : slabdata
    // <active_slabs> <num_slabs>
    std::array<std::uint64_t, 5> fields{};
    bool ok = true;
    for (auto& field : fields) {
      const auto number = ParseNumber<std::uint64_t>(TakeWord(line));
      ok = ok && number.has_value();
      field = number.value_or(0);
    }
    const auto [active, objects, object_bytes, per_slab, pages_per_slab] = fields;
    if (!ok || object_bytes == 0 || per_slab == 0) {
      return Fail(ErrorKind::kMalformed, "slabinfo: \"" + std::string(whole.substr(0, 100)) +
                                             "\" is not a cache of slabinfo 2.x");
    }
    found = true;
    usage.active_objects += active;
    usage.object_bytes = std::max(usage.object_bytes, object_bytes);
    usage.held_bytes += objects / per_slab * pages_per_slab * page_bytes;
  }
  if (!found) return Fail(ErrorKind::kAbsent, "slabinfo: no cache nf_conntrack");
  return usage;
}

}  // namespace conntrack::kernel
