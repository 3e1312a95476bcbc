// Where CivetWeb's connections come in and go out, and take their places between.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "exporter/web/server/places.h"

struct mg_connection;
struct ssl_ctx_st;
struct ssl_st;

namespace conntrack::exporter::web {

/// \brief  Has a place for each connection that CivetWeb serves, for as long as it does.
///
/// CivetWeb serves a connection in one thread from beginning to end. It tells its callbacks when it
/// begins: init_connection, before which TLS has shaken hands, so that OpenSSL has to say when that
/// begins; and when it ends: connection_close and connection_closed, before and after the socket is
/// closed. Whose connection it is it does not tell at the beginning; until there is a request a
/// client is known by its socket (see open_sockets.h).
/// CivetWeb has one thread more than there are places, for the door: when all others serve a
/// connection each, it lets the next one in (see places.h).
/// Threads: WatchLine(), WatchHandshakes() and places() are for any, the others for CivetWeb's.
class Doorway {
 public:
  using Clock = std::chrono::steady_clock;

  /// Of a server with one more thread than places.
  explicit Doorway(int places);

  /// Begins to follow the line in front of these ports, and has the kernel give up clients that
  /// take nothing for 30 seconds.
  void WatchLine(std::span<const std::uint16_t> ports);
  /// Of a server with TLS; before it starts.
  void WatchHandshakes(ssl_ctx_st* context);

  void Enter();
  /// Of this thread's connection, once there is a request.
  void Give(const mg_connection* connection, Places::Turn turn);
  void Leave(const mg_connection* connection) noexcept;  ///< The socket is about to be closed ...
  void Left() noexcept;                                  ///< ... and is.

  /// Whether this thread's connection had to give way to others.
  [[nodiscard]] bool WasCut(const mg_connection* connection) const;
  /// How long this thread has waited for a request.
  [[nodiscard]] Clock::duration Waited() const;
  [[nodiscard]] Places& places() { return places_; }

 private:
  static void HandshakeMoves(const ssl_st* connection, int where, int value);
  [[nodiscard]] Crowd Look() const;

  mutable std::mutex mutex_;  ///< Guards what follows, up to the places.
  std::vector<std::uint16_t> ports_;
  std::vector<int> listeners_;
  Places places_;
};

}  // namespace conntrack::exporter::web
