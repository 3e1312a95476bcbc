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
/// CivetWeb serves a connection in one thread from beginning to end. Its callbacks tell the
/// beginning (init_connection, but with TLS only after the handshake, so OpenSSL has to tell when
/// that begins) and the end (connection_close and connection_closed, before and after the socket is
/// closed). Which connection it is CivetWeb tells only once there is a request; until then a
/// connection is known by its socket alone (see tcp_sockets.h).
/// CivetWeb has one thread more than there are slots: when all others serve a connection each, it
/// waits for a slot with the next one.
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
  void SetPhase(const mg_connection* connection, Phase phase);
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

/// \brief  Answers the request that CivetWeb has read, whatever it is, and yields the status.
///
/// The answer goes through the filter, and out in pieces, between which the time is looked at. What
/// the handler throws becomes a 500 and a line in the log; a client that does not take its answer
/// is a line at debug. Never throws: the caller is C.
[[nodiscard]] int Answer(mg_connection* connection, const RequestOptions& options,
                         ConnectionTracker& tracker) noexcept;

/// \brief  Tells the client that CivetWeb could not read a request, and ends the connection.
///
/// For CivetWeb a request that was not read whole is malformed; here it is 503 where the connection
/// was evicted, and 408 where the request did not arrive in time.
void AnswerUnreadable(mg_connection* connection, int status, const RequestOptions& options,
                      ConnectionTracker& tracker) noexcept;

}  // namespace conntrack::exporter::web
