// One request on one CivetWeb connection.
#pragma once

#include <chrono>

#include "exporter/web/server/doorway.h"
#include "exporter/web/server/http_message.h"

struct mg_connection;

namespace conntrack::exporter::web {

/// What a connection is answered with.
struct Conversation {
  Handler handler;
  Finish finish;  ///< May be empty.
  std::chrono::milliseconds request_timeout{};
  /// For a client to take the whole of an answer, however steadily it reads.
  std::chrono::milliseconds answer_timeout{};
};

/// \brief  Answers the request that CivetWeb has read, whatever it is, and yields the status.
///
/// The answer goes through `finish`, where there is one, and out in pieces, between which the time
/// is looked at. What the handler throws becomes a 500 and a line in the log; a client that does
/// not take its answer is a line at debug. Never throws: the caller is C.
[[nodiscard]] int Answer(mg_connection* connection, const Conversation& conversation,
                         Doorway& doorway) noexcept;

/// \brief  Tells the client that CivetWeb could not read a request, and ends the connection.
///
/// For CivetWeb whatever was not read whole is malformed; here it is 503 where others wanted the
/// place, and 408 where it did not arrive in time.
void AnswerUnreadable(mg_connection* connection, int status, const Conversation& conversation,
                      Doorway& doorway) noexcept;

}  // namespace conntrack::exporter::web
