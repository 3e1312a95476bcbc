#include "exporter/web/config/rate_limit.h"

#include <algorithm>

namespace conntrack::exporter::web {

bool RateLimit::Allow(const RateLimitConfig& config, Time now) {
  const std::scoped_lock lock(mutex_);
  if (config_ != config) {
    config_ = config;
    tokens_ = config.burst;
    filled_ = now;
  }
  // Two threads may take their time in one order and come here in the other.
  now = std::max(now, filled_);
  const std::chrono::duration<double> passed = now - filled_;
  const std::chrono::duration<double> interval = config.interval;
  tokens_ = std::min<double>(config.burst, tokens_ + passed / interval);
  filled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

}  // namespace conntrack::exporter::web
