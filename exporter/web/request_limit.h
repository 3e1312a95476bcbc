// A limit on requests that cost something.
#pragma once

#include <atomic>

#include "exporter/web/http_message.h"

namespace conntrack::exporter::web {

/// \brief  Lets so many requests through at once, to all the handlers that it guards together;
/// further ones get 503.
/// Threads: any number at once.
class RequestLimit {
 public:
  /// 0: no limit but the server's threads.
  explicit RequestLimit(int most) : most_(most) {}

  /// The handler behind the limit, which outlives it.
  [[nodiscard]] Handler Guard(Handler handler);

 private:
  [[nodiscard]] HttpResponse Admit(const Handler& handler, const HttpRequest& request);

  const int most_;
  std::atomic<int> running_ = 0;
};

}  // namespace conntrack::exporter::web
