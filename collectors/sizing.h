// Recommended size of the table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack {

/// Typical uses of a machine, as far as the table is concerned.
enum class SizingProfile { kLight, kMedium, kHeavy, kKubernetes, kNatGateway };

/// A profile with the name that flags use, and the range of suitable limits.
struct ProfileRange {
  SizingProfile profile;
  std::string_view name;
  std::uint64_t lowest;
  std::uint64_t highest;
};

/// Returns the profiles, from the smallest to the largest.
[[nodiscard]] std::span<const ProfileRange> SizingProfiles();

/// Returns the range of a profile.
[[nodiscard]] const ProfileRange& RangeOf(SizingProfile profile);

[[nodiscard]] std::vector<std::string> ProfileNames();

/// Returns the profile with that name; std::nullopt if there is none.
[[nodiscard]] std::optional<SizingProfile> ProfileNamed(std::string_view name);

/// \brief  Returns the nominal memory of a machine, from its MemTotal, both in bytes. MemTotal is a
///         few per cent smaller, because of the kernel and the firmware. Nominal sizes are
///         multiples of an eighth of a power of two (3.5, 4, 5, 6, 7, 8, 10, ... GiB). Returns the
///         next such size if MemTotal is at most 8 % below it, otherwise MemTotal.
[[nodiscard]] std::uint64_t NominalMemory(std::uint64_t mem_total);

/// \brief  Returns the limit by memory: RAM / 16384 / 2 on 64-bit machines, RAM / 16384 on 32-bit
///         ones, where RAM is the nominal memory. 4 GiB give 131072.
[[nodiscard]] std::uint64_t LimitByMemory(std::uint64_t mem_total);

/// Factor on the highest known count: leaves room for half as much again.
inline constexpr double kDefaultHeadroom = 1.5;

/// Returns the limit by the highest known count, rounded up to a whole entry.
[[nodiscard]] std::uint64_t LimitByPeak(std::uint64_t peak, double headroom = kDefaultHeadroom);

/// \brief  Returns the limit by profile: the lower end of its range, or as much more of the range
///         as both the limit by memory and the limit by peak allow. More than the lower end costs
///         memory, which is wasted on a table that has never been near it.
[[nodiscard]] std::uint64_t LimitByProfile(SizingProfile profile, std::uint64_t by_memory,
                                           std::uint64_t by_peak);

/// Returns kube-proxy's default; since 1.36 at most 1048576 (pkg/proxy/conntrack/sysctls.go).
[[nodiscard]] std::uint64_t LimitByKubeProxy(unsigned cores);

/// The kernel rounds buckets up to whole pages: 512 buckets on 64-bit machines with pages of 4 KiB
/// (nf_ct_alloc_hashtable).
inline constexpr std::uint64_t kBucketsPerPage = 512;

/// Returns the buckets for a limit, rounded up as the kernel does: as many as entries on Kubernetes
/// nodes and if the kernel refuses long chains (kernel::ReadRefusesLongChains), otherwise a
/// quarter.
[[nodiscard]] std::uint64_t BucketsFor(std::uint64_t limit, bool refuses_long_chains,
                                       std::optional<SizingProfile> profile = std::nullopt);

}  // namespace conntrack
