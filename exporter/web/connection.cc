#include "exporter/web/connection.h"

#include <civetweb.h>

#include <cstddef>
#include <ctime>
#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "exporter/log.h"
#include "exporter/web/printable.h"
#include "exporter/web/query.h"
#include "exporter/web/wire_format.h"

namespace conntrack::exporter::web {
namespace {

std::string OrEmpty(const char* text) { return text == nullptr ? std::string() : text; }

HttpRequest ReadRequest(const mg_request_info& info) {
  HttpRequest request;
  request.method = OrEmpty(info.request_method);
  request.query = OrEmpty(info.query_string);
  request.http_version = OrEmpty(info.http_version);
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

void Send(mg_connection* connection, const HttpResponse& response, Delivery delivery) {
  if (!delivery.keep_alive) mg_disable_connection_keep_alive(connection);
  delivery.now = std::time(nullptr);
  const std::string wire = ToWire(response, delivery);
  const int sent = mg_write(connection, wire.data(), wire.size());
  if (sent >= 0 && static_cast<std::size_t>(sent) == wire.size()) return;
  mg_disable_connection_keep_alive(connection);  // half an answer cannot be followed by another
  log::Debug("client did not take the whole answer");
}

// Finishes an answer and sends it.
void FinishAndSend(mg_connection* connection, HttpResponse response, const Finish& finish,
                   Delivery delivery) {
  if (finish) finish(response);
  Send(connection, response, delivery);
}

int AnswerRequest(mg_connection* connection, const Handler& handler, const Finish& finish) {
  const mg_request_info& info = *mg_get_request_info(connection);
  // CivetWeb silently drops what is above its limit, so a Content-Length may be among the missing:
  // answer and close.
  if (info.num_headers >= MG_MAX_HEADERS) {
    FinishAndSend(connection, PlainText(431, "Too many headers.\n"), finish, {});
    return 431;
  }
  if (FoundBehindBlankLines(info)) {
    FinishAndSend(connection, PlainText(400, "Blank lines before a request.\n"), finish, {});
    return 400;
  }
  const HttpRequest request = ReadRequest(info);
  HttpResponse response = Run(handler, request);
  const int status = response.status;
  FinishAndSend(connection, std::move(response), finish,
                {.head_only = request.method == "HEAD", .keep_alive = MayKeepAlive(request)});
  return status;
}

}  // namespace

int Answer(mg_connection* connection, const Handler& handler, const Finish& finish) noexcept {
  try {
    return AnswerRequest(connection, handler, finish);
  } catch (...) {  // out of memory outside the handler: nothing is left to say it with
    mg_disable_connection_keep_alive(connection);
    return 500;
  }
}

void AnswerUnreadable(mg_connection* connection, int status, const Finish& finish) noexcept {
  try {
    FinishAndSend(
        connection,
        PlainText(status, "The request is malformed, too large, or did not arrive in time.\n"),
        finish, {});
  } catch (...) {
    mg_disable_connection_keep_alive(connection);
  }
}

}  // namespace conntrack::exporter::web
