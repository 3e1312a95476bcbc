// A limit on requests that cost something.
#pragma once

#include <cstddef>

#include "exporter/web/server/fair_slots.h"
#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

/// \brief  Lets so many requests through at once, to all the handlers that it guards together;
/// further ones get 503. A quarter of them is kept for sources that have none under way.
/// Threads: any number at once.
class RequestLimit {
 public:
  /// 0: no limit but the server's threads.
  explicit RequestLimit(std::size_t most) : most_(most), slots_(most, most / 4) {}

  /// The handler behind the limit, which outlives it.
  [[nodiscard]] Handler Guard(Handler handler);

 private:
  [[nodiscard]] HttpResponse Admit(const Handler& handler, const HttpRequest& request);

  const std::size_t most_;
  FairSlots slots_;
};

}  // namespace conntrack::exporter::web
