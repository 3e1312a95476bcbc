#include "exporter/web/server/connection.h"

#include <civetweb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cstddef>
#include <ctime>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/process/log.h"
#include "exporter/web/server/request_limit.h"

namespace conntrack::exporter::web {
namespace {

using Clock = ConnectionSlots::Clock;
using Phase = ConnectionSlots::Phase;

// After this time without an acknowledgement, or with a closed window, the kernel drops the
// connection, even if it is already closed.
constexpr std::chrono::milliseconds kUserTimeout{30'000};

// The connection that this thread serves. A thread belongs to one server.
struct Served {
  bool has_slot = false;
  std::optional<Peer> peer;
  Clock::time_point reading_since;
  bool answer_begun = false;  // of the latest request
};
thread_local Served served;

// Same format as PeerOf(socket), so that they can be compared.
Peer PeerOf(const mg_connection* connection) {
  const mg_request_info& info = *mg_get_request_info(connection);
  return {info.remote_addr, static_cast<std::uint16_t>(info.remote_port)};
}

std::string OrEmpty(const char* text) { return text == nullptr ? std::string() : text; }

// Returns std::nullopt if the target is malformed.
std::optional<HttpRequest> ReadRequest(const mg_request_info& info) {
  HttpRequest request;
  request.method = OrEmpty(info.request_method);
  // Not local_uri: CivetWeb removes its dot segments, so /x/../metrics would become /metrics. A
  // path that cannot be decoded stays unchanged and matches nothing.
  const std::string target = OrEmpty(info.request_uri);
  const auto path = PathOfTarget(request.method, target);
  if (!path) return std::nullopt;
  request.path = PercentDecode(*path).value_or(std::string(*path));
  request.query = OrEmpty(info.query_string);
  request.http_version = OrEmpty(info.http_version);
  request.client_key = ClientKey(info.remote_addr);
  for (int i = 0; i < info.num_headers; ++i) {
    request.headers.push_back(
        {OrEmpty(info.http_headers[i].name), OrEmpty(info.http_headers[i].value)});
  }
  return request;
}

// Whether CivetWeb has skipped blank lines. A distribution's build may then parse bytes of an
// earlier client of this thread (patches/civetweb/received-bytes-only.patch). Each thread has one
// buffer, and a request without blank lines is at its beginning.
bool FoundBehindBlankLines(const mg_request_info& info) {
  thread_local const char* beginning = nullptr;
  if (beginning == nullptr || std::less<>()(info.request_method, beginning)) {
    beginning = info.request_method;
  }
  return info.request_method != beginning;
}

HttpResponse Run(const Handler& handler, const HttpRequest& request) {
  std::string what = "unknown exception";
  try {
    return handler(request);
  } catch (const std::exception& error) {
    what = error.what();
  } catch (...) {
  }
  log::ErrorLine("request failed", {{"path", Printable(request.path)}, {"error", what}});
  return PlainText(500, "The request failed; the log says why.\n");
}

// Returns whether the client accepted everything in time. CivetWeb's own timeout restarts with
// every byte sent.
bool Write(mg_connection* connection, std::string_view wire, std::chrono::milliseconds timeout) {
  constexpr std::size_t kPiece = 16'384;  // one TLS record
  const auto end = Clock::now() + timeout;
  while (!wire.empty()) {
    const auto piece = wire.substr(0, kPiece);
    const int sent = mg_write(connection, piece.data(), piece.size());
    if (sent < 0 || static_cast<std::size_t>(sent) != piece.size()) return false;
    wire.remove_prefix(piece.size());
    if (Clock::now() >= end) return wire.empty();
  }
  return true;
}

// Filters and sends a response.
void Send(mg_connection* connection, HttpResponse response, const RequestOptions& options,
          ConnectionTracker& tracker, Framing framing) {
  if (options.filter) options.filter(response);
  // While others wait for a slot, even a busy connection is not kept alive.
  if (tracker.slots().Contended()) framing.keep_alive = false;
  if (!framing.keep_alive) mg_disable_connection_keep_alive(connection);
  framing.now = std::time(nullptr);
  const std::string wire = SerializeResponse(response, framing);
  tracker.SetPhase(connection, Phase::kWriting);
  served.answer_begun = true;
  const bool taken = Write(connection, wire, options.answer_timeout);
  tracker.SetPhase(connection, Phase::kReading);
  if (taken) return;
  mg_disable_connection_keep_alive(connection);  // no other response may follow an incomplete one
  log::Debug("client did not take the whole answer");
}

// A response that needs no memory.
void AnswerOutOfMemory(mg_connection* connection) noexcept {
  static constexpr std::string_view kAnswer =
      "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  mg_disable_connection_keep_alive(connection);
  if (!served.answer_begun) mg_write(connection, kAnswer.data(), kAnswer.size());
  try {
    log::ErrorLine("no memory for an answer", {});
  } catch (...) {  // no memory for a log line either
  }
}

int AnswerRequest(mg_connection* connection, const RequestOptions& options,
                  ConnectionTracker& tracker) {
  served.answer_begun = false;
  tracker.SetPhase(connection, Phase::kHandling);
  const mg_request_info& info = *mg_get_request_info(connection);
  // CivetWeb silently drops headers beyond its limit, possibly Content-Length: answer and close.
  if (info.num_headers >= MG_MAX_HEADERS) {
    Send(connection, PlainText(431, "Too many headers.\n"), options, tracker, {});
    return 431;
  }
  if (FoundBehindBlankLines(info)) {
    Send(connection, PlainText(400, "Blank lines before a request.\n"), options, tracker, {});
    return 400;
  }
  const auto request = ReadRequest(info);
  if (!request) {
    Send(connection, PlainText(400, "The target of the request is malformed.\n"), options, tracker,
         {});
    return 400;
  }
  HttpResponse response = Run(options.handler, *request);
  const int status = response.status;
  Send(connection, std::move(response), options, tracker,
       {.head_only = request->method == "HEAD", .keep_alive = MayKeepAlive(*request)});
  return status;
}

}  // namespace

ConnectionTracker::ConnectionTracker(int slots)
    : slots_(static_cast<std::size_t>(slots), [this] { return Probe(); }) {}

ServerLoad ConnectionTracker::Probe() const {
  const std::scoped_lock lock(mutex_);
  return {AcceptBacklog(listeners_), Connections(ports_)};
}

void ConnectionTracker::Listen(std::span<const std::uint16_t> ports) {
  const std::scoped_lock lock(mutex_);
  ports_.assign(ports.begin(), ports.end());
  listeners_ = ListeningSockets(ports);
  for (const int listener : listeners_) {  // accepted sockets inherit it
    const auto timeout = static_cast<unsigned>(kUserTimeout.count());
    setsockopt(listener, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
  }
}

void ConnectionTracker::TrackHandshakes(ssl_ctx_st* context) {
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_info_callback(context, &OnHandshake);
}

void ConnectionTracker::OnHandshake(const ssl_st* connection, int where, int /*value*/) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
  auto* const tracker =
      static_cast<ConnectionTracker*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  if (tracker == nullptr) return;  // not the first handshake of this connection
  try {
    tracker->OnConnection();
    // The timeout of the request begins now, however long the hello was in the backlog.
    served.peer = web::PeerOf(SSL_get_fd(connection));
    tracker->slots_.SetPhase(*served.peer, Phase::kReading);
  } catch (...) {  // out of memory; must not throw into OpenSSL
  }
}

void ConnectionTracker::OnConnection() {
  if (served.has_slot) return;  // since its handshake
  served = {.has_slot = true, .peer = {}, .reading_since = {}, .answer_begun = false};
  static_cast<void>(slots_.Acquire());
  served.reading_since = Clock::now();
}

void ConnectionTracker::SetPhase(const mg_connection* connection, Phase phase) noexcept {
  if (phase == Phase::kReading) served.reading_since = Clock::now();
  try {
    if (!served.peer) served.peer = PeerOf(connection);
    slots_.SetPhase(*served.peer, phase);
  } catch (...) {  // out of memory: it may be evicted as if idle
  }
}

void ConnectionTracker::OnClose(const mg_connection* connection) noexcept {
  try {
    if (!served.peer && mg_get_request_info(connection) != nullptr) {
      served.peer = PeerOf(connection);
    }
  } catch (...) {  // out of memory: the next probe removes it
  }
  if (served.has_slot) slots_.Release(served.peer ? &*served.peer : nullptr);
  served = {};
  slots_.close_mutex().lock();
}

void ConnectionTracker::OnClosed() noexcept { slots_.close_mutex().unlock(); }

bool ConnectionTracker::WasEvicted(const mg_connection* connection) const {
  return slots_.WasEvicted(PeerOf(connection));
}

Clock::duration ConnectionTracker::ReadingTime() { return Clock::now() - served.reading_since; }

int Answer(mg_connection* connection, const RequestOptions& options,
           ConnectionTracker& tracker) noexcept {
  try {
    return AnswerRequest(connection, options, tracker);
  } catch (...) {  // out of memory outside the handler
    AnswerOutOfMemory(connection);
    return 500;
  }
}

void AnswerUnreadable(mg_connection* connection, int status, const RequestOptions& options,
                      ConnectionTracker& tracker) noexcept {
  served.answer_begun = false;
  try {
    auto response = PlainText(status, "The request is malformed or too large.\n");
    if (status == 400 && tracker.WasEvicted(connection)) {
      response = TryAgainLater("The server is busy, and this request took too long.\n");
    } else if (status == 400 && ConnectionTracker::ReadingTime() >= options.request_timeout) {
      response = PlainText(408, "The request did not arrive in time.\n");
    }
    Send(connection, std::move(response), options, tracker, {});
  } catch (...) {
    AnswerOutOfMemory(connection);
  }
}

}  // namespace conntrack::exporter::web
