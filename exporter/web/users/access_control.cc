#include "exporter/web/users/access_control.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace conntrack::exporter::web {
namespace {

HttpResponse TooMany(std::chrono::nanoseconds interval) {
  HttpResponse response = PlainText(429, "Too many requests; rate_limit allows no more.\n");
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(interval);
  response.headers.push_back({"Retry-After", std::to_string(seconds.count())});
  return response;
}

HttpResponse Unauthorized() {
  HttpResponse response = PlainText(401, "Unauthorized\n");
  response.headers.push_back({"WWW-Authenticate", "Basic"});
  return response;
}

}  // namespace

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

AccessControl::AccessControl(ReloadingWebConfig& config, Handler behind)
    : config_(config), behind_(std::move(behind)) {}

HttpResponse AccessControl::Handle(const HttpRequest& request) {
  const auto current = config_.Current();
  const WebConfig& config = current->config;
  if (config.rate_limit && !limit_.Allow(*config.rate_limit, std::chrono::steady_clock::now())) {
    return TooMany(config.rate_limit->interval);
  }
  if (config.users.empty()) return behind_(request);
  switch (authenticator_.Check(config.users, request.Header("Authorization"), request.client_key)) {
    case Access::kGranted:
      return behind_(request);
    case Access::kBusy:
      return TryAgainLater("Too many passwords are being checked, try again.\n");
    case Access::kDenied:
      break;
  }
  return Unauthorized();
}

void AddConfiguredHeaders(const WebConfig& config, HttpResponse& response) {
  for (const HttpHeader& header : config.headers) {
    if (SameWord(header.name, "X-Content-Type-Options")) continue;
    std::erase_if(response.headers,
                  [&header](const HttpHeader& own) { return SameWord(own.name, header.name); });
    response.headers.push_back(header);
  }
}

}  // namespace conntrack::exporter::web
