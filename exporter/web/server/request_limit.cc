#include "exporter/web/server/request_limit.h"

#include <string>
#include <utility>

namespace conntrack::exporter::web {

Handler RequestLimit::Guard(Handler handler) {
  return [this, handler = std::move(handler)](const HttpRequest& request) {
    return Admit(handler, request);
  };
}

HttpResponse RequestLimit::Admit(const Handler& handler, const HttpRequest& request) {
  const auto slot = slots_.Take(request.source);
  if (slot) return handler(request);
  return TryAgainLater("Limit of concurrent requests reached (" + std::to_string(most_) +
                       "), try again later.\n");
}

}  // namespace conntrack::exporter::web
