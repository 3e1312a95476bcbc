#include "exporter/confinement/capability_set.h"

#include <sys/capability.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace conntrack::exporter::confinement {

std::string NameOf(int number) {
  const std::unique_ptr<char, decltype(&::cap_free)> lower(::cap_to_name(number), &::cap_free);
  if (!lower) return "capability " + std::to_string(number);
  std::string name = lower.get();
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

namespace {

std::string Names(CapabilitySet set) {
  std::string names;
  const int known = ::cap_max_bits();
  for (int number = 0; number < known; ++number) {
    if (set.Has(number)) names += (names.empty() ? "" : ",") + NameOf(number);
  }
  return names;
}

}  // namespace

std::string ToString(CapabilitySet set) {
  if (set.empty()) return "none";
  constexpr int kFew = 10;
  CapabilitySet others;
  int missing = 0;
  const int known = ::cap_max_bits();
  for (int number = 0; number < known; ++number) {
    if (set.Has(number)) continue;
    others.Add(number);
    ++missing;
  }
  if (missing == 0) return "all";
  return missing <= kFew ? "all but " + Names(others) : Names(set);
}

}  // namespace conntrack::exporter::confinement
