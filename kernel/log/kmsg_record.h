// One record of /dev/kmsg.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::kernel {

/// Facility of what the kernel itself logs. A process that writes to /dev/kmsg gets another one,
/// whatever it asks for (devkmsg_write), so no process can write a line in the kernel's name.
inline constexpr unsigned kKernelFacility = 0;

/// A record of the kernel's log.
struct KmsgRecord {
  unsigned facility = 0;
  unsigned level = 0;                     ///< 0 (emergency) to 7 (debug).
  std::uint64_t sequence = 0;             ///< Of all records since boot; gaps are lost records.
  std::chrono::microseconds timestamp{};  ///< Of local_clock(): about CLOCK_MONOTONIC, and drifts.
  std::string text;                       ///< Unescaped, without the lines KEY=value behind it.

  friend bool operator==(const KmsgRecord&, const KmsgRecord&) = default;
};

/// \brief  Reads what one read() of /dev/kmsg yields:
///         `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,more];TEXT\n` and any number of ` KEY=value\n`.
/// Source:  info_print_ext_header() and msg_print_ext_body() in kernel/printk/printk.c, since 3.5;
///          more fields may follow the flags (`caller=` since 5.1). PRIORITY is facility * 8 +
///          level. Bytes that cannot be printed, and the backslash, are written as \xNN.
/// Errors:  kMalformed where the header is not of that form.
/// Threads and cost: pure; one allocation for the text.
[[nodiscard]] Result<KmsgRecord> ParseKmsgRecord(std::string_view record);

}  // namespace conntrack::kernel
