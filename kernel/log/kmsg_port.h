// The seam between the kernel's log and the device it is read from.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::kernel {

/// No record is larger: the kernel's own limit was 8192 bytes, and is 2048 since 6.x.
inline constexpr std::size_t kKmsgBuffer = 8192;

/// \brief  One reader of the kernel's log, at a position of its own: at first before the oldest
///         record that is still there.
/// Threads: Read() one at a time; Wait() at any time beside it.
class KmsgReader {
 public:
  KmsgReader() = default;
  KmsgReader(const KmsgReader&) = delete;
  KmsgReader& operator=(const KmsgReader&) = delete;
  virtual ~KmsgReader() = default;

  /// The next record, in the part of `buffer` that it fills.
  /// Errors:  kTimeout at the end of the log; kOverrun where records were overwritten before they
  ///          were read, after which the oldest that is left comes next; kMalformed where a record
  ///          was larger than the buffer and has been passed over.
  [[nodiscard]] virtual Result<std::string_view> Read(std::span<char> buffer) = 0;

  /// Returns when there is something to read, or an error to be had from Read(), or when `stop`
  /// asks for it.
  virtual void Wait(const std::stop_token& stop) = 0;
};

/// Opens a reader.
using KmsgReaderFactory = std::function<Result<std::unique_ptr<KmsgReader>>()>;

}  // namespace conntrack::kernel
