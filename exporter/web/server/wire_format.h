// How an answer looks on the wire, and whether the connection outlives it.
#pragma once

#include <ctime>
#include <string>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

/// What the connection decides about an answer.
struct Delivery {
  bool head_only = false;   ///< A HEAD request: every header of the GET, no body.
  bool keep_alive = false;  ///< What the Connection header says.
  std::time_t now = 0;      ///< For the Date header.
};

/// \brief  The whole answer, head and body, as HTTP/1.1 wants it.
///
/// There is no Server header: it would tell a stranger what to look up. `nosniff` is always there,
/// because an answer may quote a request. A header of the answer that holds a line break is left
/// out rather than split in two.
[[nodiscard]] std::string ToWire(const HttpResponse& response, const Delivery& delivery);

/// \brief  Whether the connection may stay open after the answer to this request.
///
/// Stricter than CivetWeb's own rule, so that what we announce is what it does: a request with a
/// body or an upgrade ends the connection. CivetWeb would otherwise wait for the rest of a body
/// that a slow client never sends, and two Content-Length headers could make it take a body for the
/// next request.
[[nodiscard]] bool MayKeepAlive(const HttpRequest& request);

}  // namespace conntrack::exporter::web
