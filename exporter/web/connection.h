// One request on one CivetWeb connection.
#pragma once

#include "exporter/web/http_message.h"

struct mg_connection;

namespace conntrack::exporter::web {

/// \brief  Answers the request that CivetWeb has read, whatever it is, and yields the status.
///
/// The answer goes through `finish`, where there is one, and out in one write. What the handler throws becomes a 500 and a line in the log; a
/// client that does not take its answer is a line at debug. Never throws: the caller is C.
[[nodiscard]] int Answer(mg_connection* connection, const Handler& handler,
                         const Finish& finish) noexcept;

/// \brief  Tells the client that CivetWeb could not read a request, and ends the connection.
void AnswerUnreadable(mg_connection* connection, int status, const Finish& finish) noexcept;

}  // namespace conntrack::exporter::web
