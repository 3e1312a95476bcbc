// Reads that several scrapes share.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "collectors/collector.h"

namespace conntrack {

/// \brief  Keeps a value for up to `max_age`. For what an operator sets, or what is costly for the
/// kernel. Counters and the count of entries are never cached.
/// Threads: any number at once; one of them reads, the others wait for it.
template <class T>
class Cached {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  static constexpr std::chrono::seconds kMaxAge{1};

  explicit Cached(Clock clock = std::chrono::steady_clock::now,
                  std::chrono::nanoseconds max_age = kMaxAge)
      : clock_(std::move(clock)), max_age_(max_age) {}

  /// The cached value, or that of `read()` where it is too old.
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
  std::mutex mutex_;  // guards all below
  std::optional<T> value_;
  std::chrono::steady_clock::time_point read_at_;
};

/// \brief  A collector that reads at most once in `max_age`.
class CachedCollector final : public Collector {
 public:
  explicit CachedCollector(std::unique_ptr<Collector> collector,
                           Cached<Result<Collection>>::Clock clock = std::chrono::steady_clock::now,
                           std::chrono::nanoseconds max_age = std::chrono::seconds(1))
      : collector_(std::move(collector)), cached_(std::move(clock), max_age) {}

  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override {
    return cached_.Get([&] { return collector_->Collect(context); });
  }

 private:
  const std::unique_ptr<Collector> collector_;
  Cached<Result<Collection>> cached_;
};

}  // namespace conntrack
