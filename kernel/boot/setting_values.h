// Valid and default values of the conntrack sysctls.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  The number that the kernel reads from a text written to a sysctl: hexadecimal with 0x,
///         octal with a leading 0. What follows a blank is ignored.
/// Source:  proc_get_long(), with the widest ranges of nf_conntrack_standalone.c.
/// Errors:  kMalformed, with the reason, for what no kernel accepts, and for negative numbers.
[[nodiscard]] Result<std::int64_t> ParseSettingValue(std::string_view setting,
                                                     std::string_view text);

/// \brief  Whether a value may be the default of a kernel, of any era. `buckets` is the present
///         size of the hash table.
/// Source:  the tables of nf_conntrack_proto_*.c from 2.6.32 to 7.1, and nf_conntrack_init_start().
///          True in doubt: for unknown settings, and those that modules turn on (acct).
[[nodiscard]] bool IsPossibleDefault(std::string_view setting, std::int64_t value,
                                     std::int64_t buckets);

}  // namespace conntrack::kernel
