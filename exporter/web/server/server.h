// The HTTP server, based on CivetWeb.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/web/server/features.h"
#include "exporter/web/server/http_message.h"
#include "exporter/web/server/listen_address.h"
#include "exporter/web/server/tcp_sockets.h"
#include "kernel/result.h"

struct mg_context;

namespace conntrack::exporter::web {

class ServerTls;

struct ServerOptions {
  /// See listen_address.h. Port 0: any free port.
  std::vector<std::string> listen_addresses{":10318"};
  /// If not empty, served instead of listen_addresses. They stay open, because their owner needs
  /// them.
  std::vector<InheritedSocket> inherited;
  /// Connections served at once, including idle ones. Beyond that, idle ones are evicted: see
  /// connection_slots.h. Four threads always exist; more are started when these are busy. A
  /// distribution's CivetWeb starts all of them at once.
  int worker_threads = 8;
  /// Threads beyond the four end after this time without a connection.
  std::chrono::milliseconds idle_thread_time{10'000};
  /// For the head of a request to arrive (cut off after at most twice this), and for a client that
  /// accepts none of its response.
  std::chrono::milliseconds request_timeout{5'000};
  /// For a client to accept a whole response.
  std::chrono::milliseconds answer_timeout{30'000};
  /// For the next request on a connection. Short, because an idle connection occupies a thread.
  std::chrono::milliseconds keep_alive_timeout{1'000};
  /// Applied to every response, from several threads at once; may be empty.
  ResponseFilter filter;
  /// Called at the start of every thread that serves; may be empty. Must not throw.
  std::function<void()> begin_thread;
  /// For all addresses; must outlive the server. Null: plain HTTP.
  const ServerTls* tls = nullptr;
};

/// \brief  Serves HTTP from Start() until destroyed.
///
/// All requests, of any method and path, go to the handler in CivetWeb's begin_request callback. So
/// no other feature of CivetWeb is reachable: files, directory listings, CGI, WebDAV, password
/// files, WebSockets.
/// Errors:  Start(): kMalformed, kBusy, kDenied or kAbsent for an address (see CheckListenable());
///          kAbsent if this CivetWeb does not support inherited sockets, or TLS; kIo otherwise: the
///          hard limit of open files is too low; a thread could not be started, with the limit that
///          was reached; an error of CivetWeb; or a listening socket did not answer the server's
///          own request within 5 s. If it cannot connect to itself, it starts and logs that.
/// Threads: the handler runs in up to `worker_threads` threads. A thread that cannot be started
/// later is not an error: connections wait for existing threads, and the log reports it once per
/// minute. Start() makes the process ignore SIGPIPE. Block the signals to wait for before it,
/// because threads inherit the mask.
class Server {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                             Handler handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Stops at once, without waiting for idle connections. Waits only for running handlers; their
  /// responses are lost. Takes up to 0.5 s longer if the sockets were inherited.
  ~Server();

  /// Returns the listen addresses, with real ports: "0.0.0.0:10318", "[::1]:10318".
  [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }
  [[nodiscard]] const std::vector<std::uint16_t>& ports() const { return ports_; }

  /// \brief  For a watchdog: returns how long connections have waited while none was served; 0 if
  /// none waits. Some seconds are normal while all connection slots are busy. The time begins with
  /// the first call that sees one wait. Makes no connection.
  /// Threads and cost: call regularly from one thread; some system calls per open file.
  [[nodiscard]] std::chrono::steady_clock::duration Stalled() const;

  /// Returns the number of idle connections evicted since the start.
  [[nodiscard]] std::uint64_t connections_evicted() const;

 private:
  struct State;

  explicit Server(std::unique_ptr<State> state);
  void TakePorts(const std::vector<ListenAddress>& addresses, Ipv6 ipv6);
  [[nodiscard]] Result<void> ProveThatItAnswers() const;

  std::unique_ptr<State> state_;  ///< Used by the callbacks; outlives the context.
  mg_context* context_ = nullptr;
  std::vector<std::string> addresses_;
  std::vector<std::uint16_t> ports_;
  bool inherited_ = false;
};

}  // namespace conntrack::exporter::web
