// Connections of CivetWeb: their slots, their requests.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "exporter/web/server/connection_slots.h"
#include "exporter/web/server/http_message.h"

struct mg_connection;
struct ssl_ctx_st;
struct ssl_st;

namespace conntrack::exporter::web {

/// \brief  Acquires a slot for each connection that CivetWeb serves, and releases it at the end.
///
/// CivetWeb serves a connection in one thread from beginning to end, and may have one thread more
/// than there are slots, which waits for a slot with the next connection. The beginning is
/// init_connection, with TLS only after the handshake, so that OpenSSL has to tell when that
/// begins; the end is connection_close and connection_closed, before and after the socket is
/// closed. CivetWeb tells which connection it is only with a request; before, only its socket is
/// known (tcp_sockets.h).
/// Threads: Listen(), TrackHandshakes() and slots() are for any, the others for CivetWeb's.
class ConnectionTracker {
 public:
  using Phase = ConnectionSlots::Phase;

  explicit ConnectionTracker(int slots);

  /// Begins to follow the accept backlog of these ports, and has the kernel drop clients that take
  /// nothing for 30 seconds.
  void Listen(std::span<const std::uint16_t> ports);
  /// Of a server with TLS; before it starts.
  void TrackHandshakes(ssl_ctx_st* context);

  void OnConnection();  ///< Waits for a slot.
  void OnClose(const mg_connection* connection) noexcept;
  void OnClosed() noexcept;

  /// Of this thread's connection, once there is a request.
  void SetPhase(const mg_connection* connection, Phase phase) noexcept;
  /// Whether this thread's connection was evicted.
  [[nodiscard]] bool WasEvicted(const mg_connection* connection) const;
  /// How long this thread has been in Phase::kReading.
  [[nodiscard]] static ConnectionSlots::Clock::duration ReadingTime();
  [[nodiscard]] ConnectionSlots& slots() { return slots_; }

 private:
  static void OnHandshake(const ssl_st* connection, int where, int value);
  [[nodiscard]] ServerLoad Probe() const;

  mutable std::mutex mutex_;  ///< Guards what follows, up to the slots.
  std::vector<std::uint16_t> ports_;
  std::vector<int> listeners_;
  ConnectionSlots slots_;
};

/// How requests are answered.
struct RequestOptions {
  Handler handler;
  ResponseFilter filter;  ///< May be empty.
  std::chrono::milliseconds request_timeout{};
  /// For a client to take the whole of an answer, however steadily it reads.
  std::chrono::milliseconds answer_timeout{};
};

/// \brief  Answers the request that CivetWeb has read, through the filter, and yields the status.
/// An exception of the handler becomes a 500 and a line in the log. Never throws: the caller is C.
[[nodiscard]] int Answer(mg_connection* connection, const RequestOptions& options,
                         ConnectionTracker& tracker) noexcept;

/// \brief  Tells the client that CivetWeb could not read a request, and ends the connection: 503 if
/// the connection was evicted, 408 if the request did not arrive in time, otherwise `status`.
void AnswerUnreadable(mg_connection* connection, int status, const RequestOptions& options,
                      ConnectionTracker& tracker) noexcept;

}  // namespace conntrack::exporter::web
