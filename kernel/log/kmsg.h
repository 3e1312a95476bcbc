// Records of the kernel log, /dev/kmsg.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// The facility of the kernel's own messages. devkmsg_write() does not let processes use it.
inline constexpr unsigned kKernelFacility = 0;

/// A record of the kernel log.
struct KmsgRecord {
  unsigned facility = 0;
  unsigned level = 0;                     ///< 0 (emergency) to 7 (debug).
  std::uint64_t sequence = 0;             ///< Counts all records since boot; gaps are lost records.
  std::chrono::microseconds timestamp{};  ///< local_clock(): about CLOCK_MONOTONIC, with drift.
  std::string text;                       ///< Unescaped, without the KEY=value lines after it.

  friend bool operator==(const KmsgRecord&, const KmsgRecord&) = default;
};

/// \brief  Parses the result of one read() of /dev/kmsg:
///         `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,more];TEXT\n` and any number of ` KEY=value\n`.
/// Source:  info_print_ext_header() and msg_print_ext_body() in kernel/printk/printk.c, since 3.5.
///          PRIORITY is facility * 8 + level. Unprintable bytes and backslashes are \xNN.
/// Errors:  kMalformed if the header has another format.
/// Threads and cost: pure; one allocation for the text.
[[nodiscard]] Result<KmsgRecord> ParseKmsgRecord(std::string_view record);

/// No record is larger: the kernel's own limit was 8192 bytes, and is 2048 since 6.x.
inline constexpr std::size_t kKmsgBuffer = 8192;

/// \brief  One reader of the kernel log. It starts at the oldest record that is kept.
/// Threads: Read() from one thread at a time; Wait() at the same time from another.
class KmsgReader {
 public:
  virtual ~KmsgReader() = default;

  /// Returns the next record, in `buffer`.
  /// Errors:  kTimeout at the end of the log; kOverrun if records were overwritten before they were
  ///          read (the next read returns the oldest kept record); kMalformed if a record did not
  ///          fit the buffer and was skipped.
  [[nodiscard]] virtual Result<std::string_view> Read(std::span<char> buffer) = 0;

  /// Returns when Read() has a record or an error, or when `stop` is requested.
  virtual void Wait(const std::stop_token& stop) = 0;
};

using KmsgReaderFactory = std::function<Result<std::unique_ptr<KmsgReader>>()>;

/// \brief  Opens the kernel log for reading. The log is not namespaced.
/// Source:  character device 1:11 (devkmsg_open() and devkmsg_read() in kernel/printk/printk.c),
///          and kernel.dmesg_restrict below `proc`. If that is set, reading needs CAP_SYSLOG. Older
///          kernels (6.1, not 6.12) also accept CAP_SYS_ADMIN, but log that this is deprecated. So
///          without CAP_SYSLOG, the device is not opened for reading at all.
/// Errors:  kAbsent if there is no such device, as in most containers; kDenied, with the remedy.
[[nodiscard]] Result<std::unique_ptr<KmsgReader>> OpenKmsg(const std::filesystem::path& path,
                                                           const KernelFiles& proc);

}  // namespace conntrack::kernel
