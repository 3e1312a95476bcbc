// How large the table should be.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack {

/// What a machine is for, as far as its table is concerned.
enum class SizingProfile { kLight, kMedium, kHeavy, kKubernetes, kNatGateway };

/// A profile by the name that flags have for it, and the limits that suit it.
struct ProfileRange {
  SizingProfile profile;
  std::string_view name;
  std::uint64_t lowest;
  std::uint64_t highest;
};

/// The profiles, from the smallest to the largest.
[[nodiscard]] std::span<const ProfileRange> SizingProfiles();

/// The range of a profile.
[[nodiscard]] const ProfileRange& RangeOf(SizingProfile profile);

[[nodiscard]] std::vector<std::string> ProfileNames();

/// The profile of that name, if there is one.
[[nodiscard]] std::optional<SizingProfile> ProfileNamed(std::string_view name);

/// \brief  The memory that a machine is sold with, from its MemTotal, both in bytes. The kernel and
/// the firmware keep a few per cent for themselves. Machines have memory in steps of an eighth of a
/// power of two (3.5, 4, 5, 6, 7, 8, 10, ... GiB): the next such step, where MemTotal is short of
/// it by at most 8 %; otherwise MemTotal as it is.
[[nodiscard]] std::uint64_t NominalMemory(std::uint64_t mem_total);

/// \brief  The limit by memory: RAM / 16384 / 2 on 64-bit machines, RAM / 16384 on 32-bit ones, of
/// the memory that the machine is sold with. 4 GiB give 131072.
[[nodiscard]] std::uint64_t LimitByMemory(std::uint64_t mem_total);

/// What is left free above the highest count: half as much again.
inline constexpr double kDefaultHeadroom = 1.5;

/// The limit by the highest count known, rounded up to a whole entry.
[[nodiscard]] std::uint64_t LimitByPeak(std::uint64_t peak, double headroom = kDefaultHeadroom);

/// \brief  The limit by profile: the lower end of its range, or as much more of the range as both
/// the limit by memory and the limit by peak allow for.
/// More than the lower end costs memory, and is of no use to a table that has never come near it.
[[nodiscard]] std::uint64_t LimitByProfile(SizingProfile profile, std::uint64_t by_memory,
                                           std::uint64_t by_peak);

/// What kube-proxy sets by default; since 1.36 at most 1048576
/// (pkg/proxy/conntrack/sysctls.go).
[[nodiscard]] std::uint64_t LimitByKubeProxy(unsigned cores);

/// The kernel rounds the buckets up to whole pages: 512 of them on 64-bit machines with pages of
/// 4 KiB (nf_ct_alloc_hashtable).
inline constexpr std::uint64_t kBucketsPerPage = 512;

/// The buckets that go with a limit, rounded up as the kernel does: as many as entries on
/// Kubernetes nodes and where the kernel refuses long chains (kernel::ReadRefusesLongChains); a
/// quarter elsewhere.
[[nodiscard]] std::uint64_t BucketsFor(std::uint64_t limit, bool refuses_long_chains,
                                       std::optional<SizingProfile> profile = std::nullopt);

}  // namespace conntrack
