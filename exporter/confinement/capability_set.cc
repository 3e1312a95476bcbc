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
  for (const int number : Members(set)) names += (names.empty() ? "" : ",") + NameOf(number);
  return names;
}

}  // namespace

CapabilitySet AllCapabilities() {
  CapabilitySet all;
  const int known = ::cap_max_bits();
  for (int number = 0; number < known; ++number) all.Add(number);
  return all;
}

std::vector<int> Members(CapabilitySet set) {
  std::vector<int> members;
  const int known = ::cap_max_bits();
  for (int number = 0; number < known; ++number) {
    if (set.Has(number)) members.push_back(number);
  }
  return members;
}

std::string ToString(CapabilitySet set) {
  if (set.empty()) return "none";
  constexpr std::size_t kFew = 10;
  const auto others = AllCapabilities() - set;
  if (others.empty()) return "all";
  return Members(others).size() <= kFew ? "all but " + Names(others) : Names(set);
}

}  // namespace conntrack::exporter::confinement
