// Per-CPU counters of connection tracking, from /proc/net/stat/nf_conntrack.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Counters that current kernels still maintain, named as in ctnetlink and `conntrack -S`. The
/// tables of names follow this order. docs/metrics.md explains them.
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

/// Counters of one CPU. Each is an unsigned 32-bit number that wraps, and starts at zero with the
/// network namespace. Counters that this kernel does not have are absent.
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
  std::vector<CpuStat> cpus;  ///< One per possible CPU.
  /// Columns or attributes that this version does not know, from a newer kernel.
  std::vector<std::string> unknown;
  /// Current number of expectations: created less removed, over all CPUs. Only from /proc.
  std::optional<std::uint32_t> expectations;
  /// Entries in the table of the namespace. Only from /proc.
  std::optional<std::uint32_t> entries = {};
};

/// The path of the file below the proc root. It shows the network namespace of the reader.
inline constexpr std::string_view kProcStatPath = "net/stat/nf_conntrack";

/// \brief  Parses the whole text of /proc/net/stat/nf_conntrack.
/// Source:  ct_cpu_seq_show() in nf_conntrack_standalone.c, with CONFIG_NF_CONNTRACK_PROCFS: a
///          header, then a row of hexadecimal numbers per possible CPU. Rows are numbered by
///          `possible`, or from 0 if its length differs, as with lxcfs and gVisor. Columns are
///          found by name, because newer kernels reuse the place of old columns.
/// Units:   events since the namespace was created; unsigned 32-bit, wrapping.
/// Errors:  kMalformed if there is no header or no row, if a row and the header differ in width, or
///          if a word is not hexadecimal.
/// Threads and cost: pure; O(CPUs).
[[nodiscard]] Result<ConntrackStat> ParseProcStat(std::string_view text,
                                                  const std::vector<std::uint32_t>& possible);

/// Returns whether the kernel counts entries that it refuses because their chain is too long, that
/// is, whether the file has the column chainlength. Returns std::nullopt if there is no file.
[[nodiscard]] std::optional<bool> CountsLongChains(const KernelFiles& proc);

/// \brief  Returns whether the kernel refuses to insert into long chains, so that the table needs
///         as many buckets as entries. True if CountsLongChains(): distributions backport the
///         change, such as EL 9 to its 5.14. On a kernel built without the file, true since release
///         5.15.
/// Source:  the header of /proc/net/stat/nf_conntrack; /proc/sys/kernel/osrelease.
/// Errors:  see ReadKernelRelease(); only if there is no such file.
/// Threads and cost: any thread; three system calls, six without the file.
[[nodiscard]] Result<bool> ReadRefusesLongChains(const KernelFiles& proc);

}  // namespace conntrack::kernel
