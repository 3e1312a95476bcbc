// The per-CPU counters of connection tracking, and /proc/net/stat/nf_conntrack.
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

/// The counters that today's kernels still count, named as in ctnetlink and conntrack -S. The
/// tables of names follow this order. docs/metrics.md tells what they mean.
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

/// The file, below the proc root, in the reader's network namespace.
inline constexpr std::string_view kProcStatPath = "net/stat/nf_conntrack";

/// \brief  Parses the whole text of /proc/net/stat/nf_conntrack.
/// Source:  ct_cpu_seq_show() in nf_conntrack_standalone.c, with CONFIG_NF_CONNTRACK_PROCFS: a
///          header, then hexadecimal numbers for each possible CPU. `possible` numbers them; where
///          it is of another length, as lxcfs and gVisor show it, rows are numbered from 0.
///          Columns are found by name: kernels put new ones in the place of old ones.
/// Units:   events since the namespace was made; unsigned 32-bit, wrapping.
/// Errors:  kMalformed without header or rows, for a row of another width than the header, or a
///          word that is not hexadecimal.
/// Threads and cost: pure; O(CPUs).
[[nodiscard]] Result<ConntrackStat> ParseProcStat(std::string_view text,
                                                  const std::vector<std::uint32_t>& possible);

/// Whether the kernel counts entries that it refuses because their chain is too long: whether the
/// file has the column chainlength. Nothing without the file.
[[nodiscard]] std::optional<bool> CountsLongChains(const KernelFiles& proc);

/// \brief  Whether the kernel refuses entries into long chains, and so wants as many buckets as
/// entries: it does where CountsLongChains(). Distributions backport it: EL 9's 5.14 has it. Where
/// it is built without the file, by its release: since 5.15.
/// Source:  the header of /proc/net/stat/nf_conntrack; /proc/sys/kernel/osrelease.
/// Errors:  as ReadKernelRelease(), where there is no file either.
/// Threads and cost: any thread; three system calls, six without the file.
[[nodiscard]] Result<bool> ReadRefusesLongChains(const KernelFiles& proc);

}  // namespace conntrack::kernel
