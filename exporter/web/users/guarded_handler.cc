#include "exporter/web/users/guarded_handler.h"

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

GuardedHandler::GuardedHandler(LiveWebConfig& config, Handler behind)
    : config_(config), behind_(std::move(behind)) {}

HttpResponse GuardedHandler::Handle(const HttpRequest& request) {
  const auto current = config_.Current();
  const WebConfig& config = current->config;
  if (config.rate_limit && !limit_.Allow(*config.rate_limit, std::chrono::steady_clock::now())) {
    return TooMany(config.rate_limit->interval);
  }
  if (config.users.empty()) return behind_(request);
  switch (authenticator_.Check(config.users, request.Header("Authorization"), request.source)) {
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
