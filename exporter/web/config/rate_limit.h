// A limit on how often may be asked.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "exporter/web/config/web_config.h"

namespace conntrack::exporter::web {

/// \brief  A token bucket for all clients together, as the toolkit has it: `burst` requests at
/// once, and one more each `interval`.
/// Threads: any number at once.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Whether a request may pass at this time. Where the configuration is another than the last
  /// time, the bucket is full again.
  [[nodiscard]] bool Allow(const RateLimitConfig& config, Time now);

 private:
  std::mutex mutex_;  ///< Guards what follows.
  std::optional<RateLimitConfig> config_;
  double tokens_ = 0;
  Time filled_;
};

}  // namespace conntrack::exporter::web
