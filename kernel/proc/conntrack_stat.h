// The per-CPU counters of connection tracking, whichever way they were read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace conntrack::kernel {

/// The counters that a kernel of today still counts, by the names of ctnetlink and conntrack -S.
/// What the words mean has changed over the years: docs/metrics.md has the table. `searched`,
/// `new`, `ignore`, `delete` and `delete_list` are not here: kernels since 4.9 (5.10 for ignore)
/// print zeros or nothing for them.
enum class StatCounter : std::uint8_t {
  kFound,
  kInvalid,
  kInsert,
  kInsertFailed,
  kDrop,
  kEarlyDrop,
  kError,          ///< icmp_error in /proc
  kSearchRestart,  ///< since 3.x
  kClashResolve,   ///< clashres in /proc; since 5.10
  kChainTooLong,   ///< chainlength in /proc; since 5.15
  kCount,
};

inline constexpr std::size_t kStatCounters = static_cast<std::size_t>(StatCounter::kCount);

/// The counters of one CPU. Each is an unsigned 32-bit number that only grows and wraps, zero when
/// the network namespace is made. A counter that this kernel does not have is absent.
struct CpuStat {
  std::uint32_t cpu = 0;
  std::array<std::optional<std::uint32_t>, kStatCounters> counters;

  [[nodiscard]] std::optional<std::uint32_t>& operator[](StatCounter counter) {
    return counters[static_cast<std::size_t>(counter)];
  }
  [[nodiscard]] const std::optional<std::uint32_t>& operator[](StatCounter counter) const {
    return counters[static_cast<std::size_t>(counter)];
  }
};

struct ConntrackStat {
  std::vector<CpuStat> cpus;  ///< One for each possible CPU.
  /// Columns or attributes that this version does not know: a newer kernel counts something new.
  std::vector<std::string> unknown;
  /// Expectations created less expectations removed, over all CPUs: how many there are. Only from
  /// /proc.
  std::optional<std::uint32_t> expectations;
  /// Entries in the table of the namespace. Only from /proc.
  std::optional<std::uint32_t> entries = {};
};

}  // namespace conntrack::kernel
