// Valid and default values of the conntrack sysctls.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  The number that the kernel reads from a text written to a sysctl: hexadecimal with 0x,
///         octal with a leading 0. What follows a blank is ignored.
/// Source:  proc_get_long() in kernel/sysctl.c, with the ranges of nf_conntrack_standalone.c, the
///          widest where kernels differ.
/// Errors:  kMalformed, with the reason, for what no kernel accepts, and for negative numbers, which
///          kernels accept for timeouts and which mean nothing.
[[nodiscard]] Result<std::int64_t> ParseSettingValue(std::string_view setting,
                                                     std::string_view text);

/// \brief  Whether a value may be the default of a kernel, of any era. `buckets` is the present size
///         of the hash table.
/// Source:  the tables of nf_conntrack_proto_*.c from 2.6.32 to 7.1, and for the sizes
///          nf_conntrack_init_start(): buckets by memory, the limit 1, 4 or (given a hash size) 8
///          times the buckets. True in doubt: for settings that the kernel or its modules turn on by
///          themselves (acct, by xt_connbytes), and unknown ones.
[[nodiscard]] bool IsPossibleDefault(std::string_view setting, std::int64_t value,
                                     std::int64_t buckets);

}  // namespace conntrack::kernel
