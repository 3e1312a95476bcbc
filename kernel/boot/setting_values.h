// Valid values and defaults of the conntrack sysctls.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/proc/machine.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  Returns the number that the kernel reads from a text written to a sysctl: hexadecimal
///         with 0x, octal with a leading 0. Text after a blank is ignored.
/// Source:  proc_get_long(), with the widest ranges of nf_conntrack_standalone.c.
/// Errors:  kMalformed, with the reason, for values that no kernel accepts.
[[nodiscard]] Result<std::int64_t> ParseSettingValue(std::string_view setting,
                                                     std::string_view text);

/// Returns whether every kernel accepts a number that ParseSettingValue() returns.
[[nodiscard]] bool IsValidEverywhere(std::string_view setting, std::int64_t value);

/// Properties of a kernel that decide about its defaults.
struct KernelTraits {
  std::optional<KernelRelease> release;
  std::optional<std::uint64_t> memory;  ///< In bytes.
  /// It refuses insertions into long chains, like 5.15 and kernels with a backport. The table then
  /// has four times the buckets, and as many entries as buckets.
  std::optional<bool> limits_chains;
  std::int64_t buckets_step = 512;  ///< The hash table is rounded up to whole pages of buckets.

  [[nodiscard]] std::int64_t RoundedUp(std::int64_t buckets) const {
    return (buckets + buckets_step - 1) / buckets_step * buckets_step;
  }
};

/// Source:  /proc/sys/kernel/osrelease, meminfo and net/stat/nf_conntrack.
[[nodiscard]] KernelTraits ReadKernelTraits(const KernelFiles& proc);

/// The possible values of a default: one, or several if something is unknown.
struct DefaultRange {
  std::int64_t least = 0;
  std::int64_t most = 0;
  bool between = false;  ///< Any value between them; if false, one of the two.

  [[nodiscard]] bool Has(std::int64_t value) const {
    return value == least || value == most || (between && value > least && value < most);
  }
  friend bool operator==(const DefaultRange&, const DefaultRange&) = default;
};

/// Table sizes that a kernel chooses by itself.
struct DefaultLimits {
  DefaultRange buckets;
  DefaultRange max;
  DefaultRange expect_max;
};

/// \brief  Returns the default sizes, or those for a `hash_size` given to the module.
/// Source:  nf_conntrack_init_start() and nf_conntrack_expect_init() from 2.6.32 to 7.1.
[[nodiscard]] DefaultLimits DefaultLimitsOf(const KernelTraits& kernel,
                                            std::optional<std::int64_t> hash_size = {});

/// \brief  Returns the default of a setting; std::nullopt if it is unknown.
/// Source:  DefaultLimitsOf(), and the tables of nf_conntrack_proto_*.c from 2.6.32 to 7.1.
[[nodiscard]] std::optional<DefaultRange> DefaultOf(std::string_view setting,
                                                    const KernelTraits& kernel);

}  // namespace conntrack::kernel
