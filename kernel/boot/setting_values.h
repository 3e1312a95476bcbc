// What the settings of connection tracking may be, and are without anybody's doing.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  The number that the kernel takes from a text written to one of its sysctls: hexadecimal
///         with 0x, octal with a leading 0. What follows behind a blank does not matter.
/// Source:  proc_get_long() in kernel/sysctl.c, with the ranges of nf_conntrack_standalone.c. Where
///          kernels differ the widest range counts.
/// Errors:  kMalformed, with what is wrong, for what no kernel takes, and for negative numbers,
///          which kernels take for timeouts and which mean nothing.
[[nodiscard]] Result<std::int64_t> ParseSettingValue(std::string_view setting,
                                                     std::string_view text);

/// \brief  Whether a value may be that of a kernel which nobody has told anything, of any era.
/// Source:  the tables of nf_conntrack_proto_*.c from 2.6.32 to 7.1, and for the sizes
///          nf_conntrack_init_start(): buckets by memory, the limit 1, 4 or (given a hash size) 8
///          times the buckets. In doubt it may: settings that the kernel or its modules turn on by
///          themselves (acct, by xt_connbytes), and ones unknown here.
/// `buckets` is the present size of the hash table.
[[nodiscard]] bool IsPossibleDefault(std::string_view setting, std::int64_t value,
                                     std::int64_t buckets);

}  // namespace conntrack::kernel
