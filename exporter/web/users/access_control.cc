#include "exporter/web/users/access_control.h"

#include <algorithm>
#include <string>
#include <utility>

namespace conntrack::exporter::web {
namespace {

HttpResponse Refusal(int status, std::string body, HttpHeader header) {
  HttpResponse response = PlainText(status, std::move(body));
  response.headers.push_back(std::move(header));
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
  // Two threads may read the clock in one order and arrive here in the other.
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
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(config.rate_limit->interval);
    return Refusal(429, "Too many requests; rate_limit allows no more.\n",
                   {"Retry-After", std::to_string(seconds.count())});
  }
  if (config.users.empty()) return behind_(request);
  switch (authenticator_.Check(config.users, request.Header("Authorization"), request.client_key)) {
    case Access::kGranted:
      return behind_(request);
    case Access::kBusy:
      return TryAgainLater("Too many password checks at the same time, try again later.\n");
    case Access::kDenied:
      break;
  }
  return Refusal(401, "Unauthorized\n", {"WWW-Authenticate", "Basic"});
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
