#include "exporter/web/server/connection.h"

#include <civetweb.h>

#include <chrono>
#include <cstddef>
#include <ctime>
#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/process/log.h"
#include "exporter/web/pages/query.h"
#include "exporter/web/server/printable.h"
#include "exporter/web/server/source.h"
#include "exporter/web/server/wire_format.h"

namespace conntrack::exporter::web {
namespace {

std::string OrEmpty(const char* text) { return text == nullptr ? std::string() : text; }

HttpRequest ReadRequest(const mg_request_info& info) {
  HttpRequest request;
  request.method = OrEmpty(info.request_method);
  request.query = OrEmpty(info.query_string);
  request.http_version = OrEmpty(info.http_version);
  request.source = SourceOf(info.remote_addr);
  // Not local_uri: CivetWeb has removed its dot segments, so /x/../metrics would be /metrics. A
  // path that cannot be decoded stays as it is and matches nothing.
  const std::string path = OrEmpty(info.local_uri_raw);
  request.path = PercentDecode(path).value_or(path);
  for (int i = 0; i < info.num_headers; ++i) {
    request.headers.push_back(
        {OrEmpty(info.http_headers[i].name), OrEmpty(info.http_headers[i].value)});
  }
  return request;
}

// Whether CivetWeb has skipped blank lines, behind which a distribution's may have found what an
// earlier client of this thread sent (see patches/civetweb/received-bytes-only.patch). Each thread
// has one buffer, and a request without blank lines stands at its beginning.
bool FoundBehindBlankLines(const mg_request_info& info) {
  thread_local const char* beginning = nullptr;
  if (beginning == nullptr || std::less<>()(info.request_method, beginning)) {
    beginning = info.request_method;
  }
  return info.request_method != beginning;
}

HttpResponse Failed(std::string_view path, std::string_view what) {
  log::ErrorLine("request failed", {{"path", Printable(path)}, {"error", what}});
  return PlainText(500, "The request failed; the log says why.\n");
}

HttpResponse Run(const Handler& handler, const HttpRequest& request) {
  try {
    return handler(request);
  } catch (const std::exception& error) {
    return Failed(request.path, error.what());
  } catch (...) {
    return Failed(request.path, "unknown exception");
  }
}

// Whether the client took all of it in time. CivetWeb's own limit starts anew with whatever little
// the client takes; TLS has it for the whole of a piece.
bool Write(mg_connection* connection, std::string_view wire, std::chrono::milliseconds timeout) {
  constexpr std::size_t kPiece = 16'384;  // a record of TLS
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (!wire.empty()) {
    const auto piece = wire.substr(0, kPiece);
    const int sent = mg_write(connection, piece.data(), piece.size());
    if (sent < 0 || static_cast<std::size_t>(sent) != piece.size()) return false;
    wire.remove_prefix(piece.size());
    if (std::chrono::steady_clock::now() >= end) return wire.empty();
  }
  return true;
}

// Finishes an answer and sends it.
void Send(mg_connection* connection, HttpResponse response, const Conversation& conversation,
          Doorway& doorway, Delivery delivery) {
  if (conversation.finish) conversation.finish(response);
  // Where others wait for the place, not even a busy connection keeps it from one request to the
  // next.
  if (doorway.places().Crowded()) delivery.keep_alive = false;
  if (!delivery.keep_alive) mg_disable_connection_keep_alive(connection);
  delivery.now = std::time(nullptr);
  const std::string wire = ToWire(response, delivery);
  doorway.Give(connection, Places::Turn::kAnswer);
  const bool taken = Write(connection, wire, conversation.answer_timeout);
  doorway.Give(connection, Places::Turn::kRequest);
  if (taken) return;
  mg_disable_connection_keep_alive(connection);  // half an answer cannot be followed by another
  log::Debug("client did not take the whole answer");
}

int AnswerRequest(mg_connection* connection, const Conversation& conversation, Doorway& doorway) {
  doorway.Give(connection, Places::Turn::kServer);
  const mg_request_info& info = *mg_get_request_info(connection);
  // CivetWeb silently drops what is above its limit, so a Content-Length may be among the missing:
  // answer and close.
  if (info.num_headers >= MG_MAX_HEADERS) {
    Send(connection, PlainText(431, "Too many headers.\n"), conversation, doorway, {});
    return 431;
  }
  if (FoundBehindBlankLines(info)) {
    Send(connection, PlainText(400, "Blank lines before a request.\n"), conversation, doorway, {});
    return 400;
  }
  const HttpRequest request = ReadRequest(info);
  HttpResponse response = Run(conversation.handler, request);
  const int status = response.status;
  Send(connection, std::move(response), conversation, doorway,
       {.head_only = request.method == "HEAD", .keep_alive = MayKeepAlive(request)});
  return status;
}

HttpResponse Unreadable(int status, bool cut, bool late) {
  if (status == 400 && cut) {
    return TryAgainLater("Others wait to be served, and this request took too long.\n");
  }
  if (status == 400 && late) return PlainText(408, "The request did not arrive in time.\n");
  return PlainText(status, "The request is malformed or too large.\n");
}

}  // namespace

int Answer(mg_connection* connection, const Conversation& conversation, Doorway& doorway) noexcept {
  try {
    return AnswerRequest(connection, conversation, doorway);
  } catch (...) {  // out of memory outside the handler: nothing is left to say it with
    mg_disable_connection_keep_alive(connection);
    return 500;
  }
}

void AnswerUnreadable(mg_connection* connection, int status, const Conversation& conversation,
                      Doorway& doorway) noexcept {
  try {
    const bool late = doorway.Waited() >= conversation.request_timeout;
    Send(connection, Unreadable(status, doorway.WasCut(connection), late), conversation, doorway,
         {});
  } catch (...) {
    mg_disable_connection_keep_alive(connection);
  }
}

}  // namespace conntrack::exporter::web
