// The kernel's log, /dev/kmsg: its records, and reading them.
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

/// Facility of the kernel's own messages, which devkmsg_write() lets no process forge.
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

/// \brief  Parses what one read() of /dev/kmsg yields:
///         `PRIORITY,SEQUENCE,MICROSECONDS,FLAGS[,more];TEXT\n` and any number of ` KEY=value\n`.
/// Source:  info_print_ext_header() and msg_print_ext_body() in kernel/printk/printk.c, since 3.5.
///          PRIORITY is facility * 8 + level. Unprintable bytes and the backslash are \xNN.
/// Errors:  kMalformed if the header is not of that form.
/// Threads and cost: pure; one allocation for the text.
[[nodiscard]] Result<KmsgRecord> ParseKmsgRecord(std::string_view record);

/// No record is larger: the kernel's own limit was 8192 bytes, and is 2048 since 6.x.
inline constexpr std::size_t kKmsgBuffer = 8192;

/// \brief  One reader of the kernel's log. It starts before the oldest record that is kept.
/// Threads: Read() one at a time; Wait() at any time beside it.
class KmsgReader {
 public:
  virtual ~KmsgReader() = default;

  /// The next record, in `buffer`.
  /// Errors:  kTimeout at the end of the log; kOverrun if records were overwritten before they were
  ///          read (the oldest kept one comes next); kMalformed if a record was larger than the
  ///          buffer and was skipped.
  [[nodiscard]] virtual Result<std::string_view> Read(std::span<char> buffer) = 0;

  /// Returns when Read() has a record or an error, or when `stop` is requested.
  virtual void Wait(const std::stop_token& stop) = 0;
};

using KmsgReaderFactory = std::function<Result<std::unique_ptr<KmsgReader>>()>;

/// \brief  Opens the kernel's log for reading.
/// Source:  character device 1:11 (devkmsg_open() and devkmsg_read() in kernel/printk/printk.c), and
///          kernel.dmesg_restrict below `proc`: where it is set, reading takes CAP_SYSLOG. Older
///          kernels (6.1, not 6.12) take CAP_SYS_ADMIN too, and log that this is deprecated; a
///          thread that has only that is refused here, without asking the kernel.
///          The log is not namespaced.
/// Errors:  kAbsent without such a device, as in most containers; kDenied, with the remedy.
[[nodiscard]] Result<std::unique_ptr<KmsgReader>> OpenKmsg(const std::filesystem::path& path,
                                                           const KernelFiles& proc);

}  // namespace conntrack::kernel
