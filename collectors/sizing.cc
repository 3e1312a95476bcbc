#include "collectors/sizing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace conntrack {
namespace {

// CONNTRACK_MAX of the netfilter documentation: RAM / 16384 / (bits of a word / 32).
constexpr std::uint64_t kMemoryPerEntry = 16384ULL * sizeof(void*) / 4;

constexpr std::array<ProfileRange, 5> kProfiles = {{
    {SizingProfile::kLight, "light", 131'072, 131'072},
    {SizingProfile::kMedium, "medium", 262'144, 524'288},
    {SizingProfile::kHeavy, "heavy", 524'288, 1'048'576},
    {SizingProfile::kKubernetes, "kubernetes", 262'144, 1'048'576},
    {SizingProfile::kNatGateway, "nat-gateway", 1'048'576, 2'097'152},
}};

constexpr std::uint64_t RoundUp(std::uint64_t value, std::uint64_t step) {
  return (value + step - 1) / step * step;
}

}  // namespace

std::span<const ProfileRange> SizingProfiles() { return kProfiles; }

const ProfileRange& RangeOf(SizingProfile profile) {
  return *std::ranges::find(kProfiles, profile, &ProfileRange::profile);
}

std::vector<std::string> ProfileNames() {
  std::vector<std::string> names(kProfiles.size());
  std::ranges::transform(kProfiles, names.begin(), &ProfileRange::name);
  return names;
}

std::optional<SizingProfile> ProfileNamed(std::string_view name) {
  const auto* range = std::ranges::find(kProfiles, name, &ProfileRange::name);
  if (range == kProfiles.end()) return std::nullopt;
  return range->profile;
}

std::uint64_t NominalMemory(std::uint64_t mem_total) {
  // Far beyond any machine; the next power of two would not fit.
  if (mem_total < 8 || mem_total > 1ULL << 60U) return mem_total;
  const auto step = std::bit_ceil(mem_total) / 8;
  const auto nominal = RoundUp(mem_total, step);
  return (nominal - mem_total) * 100 <= nominal * 8 ? nominal : mem_total;
}

std::uint64_t LimitByMemory(std::uint64_t mem_total) {
  return NominalMemory(mem_total) / kMemoryPerEntry;
}

std::uint64_t LimitByPeak(std::uint64_t peak, double headroom) {
  return static_cast<std::uint64_t>(std::ceil(static_cast<double>(peak) * headroom));
}

std::uint64_t LimitByProfile(SizingProfile profile, std::uint64_t by_memory,
                             std::uint64_t by_peak) {
  const auto& range = RangeOf(profile);
  return std::clamp(std::min(by_memory, by_peak), range.lowest, range.highest);
}

std::uint64_t LimitByKubeProxy(unsigned cores) {
  constexpr std::uint64_t kMin = 131'072;
  constexpr std::uint64_t kPerCore = 32'768;
  return std::max(kMin, kPerCore * cores);
}

std::uint64_t BucketsFor(std::uint64_t limit, bool refuses_long_chains,
                         std::optional<SizingProfile> profile) {
  const bool equal = refuses_long_chains || profile == SizingProfile::kKubernetes;
  // nf_ct_alloc_hashtable() refuses more.
  constexpr std::uint64_t kMost = (1ULL << 29U) - kBucketsPerPage;
  return std::min(RoundUp(equal ? limit : (limit + 3) / 4, kBucketsPerPage), kMost);
}

}  // namespace conntrack
