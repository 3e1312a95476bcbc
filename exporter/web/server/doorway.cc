#include "exporter/web/server/doorway.h"

#include <civetweb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <optional>

#include "exporter/web/server/open_sockets.h"

namespace conntrack::exporter::web {
namespace {

// For as long as what was sent stays unacknowledged, or untaken, the kernel keeps it; then it gives
// the connection up, also one that is closed already.
constexpr std::chrono::milliseconds kSilentTake{30'000};

// The connection that this thread serves. A thread belongs to one server.
struct Served {
  bool in = false;
  std::optional<Client> client;
  Doorway::Clock::time_point waiting_since;
};
thread_local Served served;

// As open_sockets.h has it, so that they compare.
Client ClientOf(const mg_connection* connection) {
  const mg_request_info& info = *mg_get_request_info(connection);
  return {info.remote_addr, static_cast<std::uint16_t>(info.remote_port)};
}

}  // namespace

Doorway::Doorway(int places)
    : places_(static_cast<std::size_t>(places), [this] { return Look(); }) {}

Crowd Doorway::Look() const {
  const std::scoped_lock lock(mutex_);
  return {WaitingAt(listeners_), Connections(ports_)};
}

void Doorway::WatchLine(std::span<const std::uint16_t> ports) {
  const std::scoped_lock lock(mutex_);
  ports_.assign(ports.begin(), ports.end());
  listeners_ = Listeners(ports);
  for (const int listener : listeners_) {  // what they accept inherits it
    const auto timeout = static_cast<unsigned>(kSilentTake.count());
    setsockopt(listener, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
  }
}

void Doorway::WatchHandshakes(ssl_ctx_st* context) {
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_info_callback(context, &HandshakeMoves);
}

void Doorway::HandshakeMoves(const ssl_st* connection, int where, int /*value*/) {
  if ((where & SSL_CB_HANDSHAKE_START) == 0) return;
  auto* const doorway = static_cast<Doorway*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  if (doorway == nullptr) return;  // not the first one of this connection
  try {
    doorway->Enter();
    // However long its hello has stood in line, it has the time for what follows from now on.
    served.client = web::ClientOf(SSL_get_fd(connection));
    doorway->places_.Give(*served.client, Places::Turn::kRequest);
  } catch (...) {  // no memory, which OpenSSL need not know: it is C
  }
}

void Doorway::Enter() {
  if (served.in) return;  // came in with its handshake
  served = {.in = true, .client = {}, .waiting_since = {}};
  static_cast<void>(places_.Take());
  served.waiting_since = Clock::now();
}

void Doorway::Give(const mg_connection* connection, Places::Turn turn) {
  if (!served.client) served.client = ClientOf(connection);
  places_.Give(*served.client, turn);
  if (turn == Places::Turn::kRequest) served.waiting_since = Clock::now();
}

void Doorway::Leave(const mg_connection* connection) noexcept {
  try {
    if (!served.client && mg_get_request_info(connection) != nullptr) {
      served.client = ClientOf(connection);
    }
  } catch (...) {  // no memory for a name: the next look finds that it has gone
  }
  if (served.in) places_.Leave(served.client ? &*served.client : nullptr);
  served = {};
  places_.closing().lock();
}

void Doorway::Left() noexcept { places_.closing().unlock(); }

bool Doorway::WasCut(const mg_connection* connection) const {
  return places_.WasCut(ClientOf(connection));
}

Doorway::Clock::duration Doorway::Waited() const { return Clock::now() - served.waiting_since; }

}  // namespace conntrack::exporter::web
