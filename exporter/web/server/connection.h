// Connections of CivetWeb: their slots and requests.
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
/// CivetWeb serves a connection in one thread from beginning to end. It may have one thread more
/// than there are slots, which waits for a slot with the next connection. init_connection marks the
/// beginning; with TLS it is called only after the handshake, so an OpenSSL callback reports when
/// the handshake begins. connection_close and connection_closed mark the end, before and after the
/// socket is closed. CivetWeb identifies the connection only with a request; before that, only its
/// socket is known (tcp_sockets.h).
/// Threads: Listen(), TrackHandshakes() and slots() from any thread, the others from CivetWeb's.
class ConnectionTracker {
 public:
  using Phase = ConnectionSlots::Phase;

  explicit ConnectionTracker(int slots);

  /// Starts to monitor the accept backlog of these ports, and makes the kernel drop clients that
  /// accept no data for 30 s.
  void Listen(std::span<const std::uint16_t> ports);
  /// For a server with TLS; call it before the server starts.
  void TrackHandshakes(ssl_ctx_st* context);

  void OnConnection();  ///< Waits for a slot.
  void OnClose(const mg_connection* connection) noexcept;
  void OnClosed() noexcept;

  /// Of this thread's connection, once there is a request.
  void SetPhase(const mg_connection* connection, Phase phase) noexcept;
  /// Returns whether this thread's connection was evicted.
  [[nodiscard]] bool WasEvicted(const mg_connection* connection) const;
  /// Returns how long this thread has been in Phase::kReading.
  [[nodiscard]] static ConnectionSlots::Clock::duration ReadingTime();
  [[nodiscard]] ConnectionSlots& slots() { return slots_; }

 private:
  static void OnHandshake(const ssl_st* connection, int where, int value);
  [[nodiscard]] ServerLoad Probe() const;

  mutable std::mutex mutex_;  ///< Guards the members below, up to the slots.
  std::vector<std::uint16_t> ports_;
  std::vector<int> listeners_;
  ConnectionSlots slots_;
};

/// How requests are answered.
struct RequestOptions {
  Handler handler;
  ResponseFilter filter;  ///< May be empty.
  std::chrono::milliseconds request_timeout{};
  /// For a client to accept a whole response, however steadily it reads.
  std::chrono::milliseconds answer_timeout{};
};

/// \brief  Answers the request that CivetWeb has read, applies the filter, and returns the status.
/// An exception of the handler becomes a 500 and a log line. Never throws, because the caller is C.
[[nodiscard]] int Answer(mg_connection* connection, const RequestOptions& options,
                         ConnectionTracker& tracker) noexcept;

/// \brief  Answers a request that CivetWeb could not read, and ends the connection: 503 if the
/// connection was evicted, 408 if the request did not arrive in time, otherwise `status`.
void AnswerUnreadable(mg_connection* connection, int status, const RequestOptions& options,
                      ConnectionTracker& tracker) noexcept;

}  // namespace conntrack::exporter::web
