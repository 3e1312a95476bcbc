// A kernel log that a test writes.
#pragma once

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include "kernel/log/kmsg.h"

namespace conntrack::test {

/// What the kernel writes where the table is full, with its own prefix twice.
inline constexpr const char* kTableFull = "nf_conntrack: nf_conntrack: table full, dropping packet";

/// \brief  The log itself: what the readers of one test read, in order.
/// Threads: any.
class FakeKmsg {
 public:
  /// A record in the kernel's form, or the error that the next read fails with.
  using Step = std::variant<std::string, ErrorKind>;

  void Write(Step step) {
    const std::lock_guard lock(mutex_);
    steps_.push_back(std::move(step));
    written_.notify_all();
  }

  /// What the kernel itself logs, as its record number `sequence`.
  void Log(std::uint64_t sequence, const std::string& text, unsigned microseconds = 1000) {
    Write("4," + std::to_string(sequence) + "," + std::to_string(microseconds) + ",-;" + text +
          "\n");
  }

  [[nodiscard]] Result<std::string_view> Read(std::span<char> buffer) {
    const std::lock_guard lock(mutex_);
    if (steps_.empty()) return Fail(ErrorFromErrno(EAGAIN, "reading a script"));
    const auto step = std::move(steps_.front());
    steps_.pop_front();
    if (const auto* kind = std::get_if<ErrorKind>(&step)) return Fail(*kind, "so says the script");
    const auto& record = std::get<std::string>(step);
    std::memcpy(buffer.data(), record.data(), record.size());
    return std::string_view(buffer.data(), record.size());
  }

  void Wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    written_.wait(lock, stop, [this] { return !steps_.empty(); });
  }

  [[nodiscard]] bool AllIsRead() {
    const std::lock_guard lock(mutex_);
    return steps_.empty();
  }

 private:
  std::mutex mutex_;  // guards all below
  std::condition_variable_any written_;
  std::deque<Step> steps_;
};

class FakeKmsgReader final : public kernel::KmsgReader {
 public:
  explicit FakeKmsgReader(std::shared_ptr<FakeKmsg> log) : log_(std::move(log)) {}
  Result<std::string_view> Read(std::span<char> buffer) override { return log_->Read(buffer); }
  void Wait(const std::stop_token& stop) override { log_->Wait(stop); }

 private:
  std::shared_ptr<FakeKmsg> log_;
};

/// Opens readers of one log.
inline kernel::KmsgReaderFactory OpenFake(std::shared_ptr<FakeKmsg> log) {
  return [log = std::move(log)]() -> Result<std::unique_ptr<kernel::KmsgReader>> {
    return std::make_unique<FakeKmsgReader>(log);
  };
}

/// A kernel whose log this process may not read.
inline kernel::KmsgReaderFactory RefusingKmsg() {
  return []() -> Result<std::unique_ptr<kernel::KmsgReader>> {
    auto error = ErrorFromErrno(EPERM, "opening a script");
    error.remedy = "give CAP_SYSLOG";
    return Fail(std::move(error));
  };
}

}  // namespace conntrack::test
