// A cache for values that several scrapes share.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>

namespace conntrack {

/// \brief  Keeps a value for up to `max_age`. Use it for values that an operator sets, or that are
///         expensive to read.
/// Threads: any number at once; one of them reads, the others wait for it.
template <class T>
class Cached {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  static constexpr std::chrono::seconds kMaxAge{1};

  explicit Cached(Clock clock = std::chrono::steady_clock::now,
                  std::chrono::nanoseconds max_age = kMaxAge)
      : clock_(std::move(clock)), max_age_(max_age) {}

  /// Returns the cached value. Calls `read()` first if there is none or it is too old.
  template <class Read>
  [[nodiscard]] T Get(Read&& read) {
    const std::lock_guard lock(mutex_);
    const auto now = clock_();
    if (!value_ || now - read_at_ >= max_age_) {
      value_ = read();
      read_at_ = now;
    }
    return *value_;
  }

 private:
  const Clock clock_;
  const std::chrono::nanoseconds max_age_;
  std::mutex mutex_;  // guards all members below
  std::optional<T> value_;
  std::chrono::steady_clock::time_point read_at_;
};

}  // namespace conntrack
