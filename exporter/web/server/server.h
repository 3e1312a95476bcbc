// The HTTP server: CivetWeb, run by us.
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
  /// See listen_address.h. Port 0: any that is free.
  std::vector<std::string> listen_addresses{":10318"};
  /// Served instead where there are any. They stay open: their owner needs them.
  std::vector<InheritedSocket> inherited;
  /// Connections served at once, idle ones too. Above it, idle ones are evicted: see
  /// connection_slots.h. Four threads are kept for them, and more are started when these are busy.
  /// A distribution's CivetWeb starts all at once.
  int worker_threads = 8;
  /// After so long without a connection, threads beyond the four end.
  std::chrono::milliseconds idle_thread_time{10'000};
  /// For the head of a request to arrive (cut off after at most twice this), and for a client that
  /// takes nothing of its answer.
  std::chrono::milliseconds request_timeout{5'000};
  /// For a client to take the whole of an answer.
  std::chrono::milliseconds answer_timeout{30'000};
  /// For the next request on a connection. Short: an idle connection occupies a thread.
  std::chrono::milliseconds keep_alive_timeout{1'000};
  /// Applied to every response, from several threads at once; may be empty.
  ResponseFilter filter;
  /// Called at the beginning of every thread that serves; may be empty. Must not throw.
  std::function<void()> begin_thread;
  /// For every address; outlives the server. Null: plain HTTP.
  const ServerTls* tls = nullptr;
};

/// \brief  Serves HTTP from Start() until destroyed.
///
/// Every request, of any method and path, goes to the handler in CivetWeb's begin_request callback.
/// So nothing else that CivetWeb can do is reached: files, directory listings, CGI, WebDAV,
/// password files, WebSockets.
/// Errors:  Start(): kMalformed, kBusy, kDenied or kAbsent for an address (see CheckListenable());
/// kAbsent if this CivetWeb takes no inherited sockets, or has no TLS. kIo for what is
/// no matter of configuration: the hard limit of open files is too low; a thread could not be
/// started, with the limit that was reached; what CivetWeb says; or a listening socket did not
/// answer the server's own request within 5 s. If it cannot connect to itself, it starts and logs
/// that.
/// Threads: the handler runs in up to `worker_threads` threads. A thread that cannot be started
/// later is no error: connections wait for those that are there, and the log says so once a minute.
/// Start() makes the process ignore SIGPIPE; block the signals to wait for before it, because
/// threads inherit the mask.
class Server {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                             Handler handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Stops at once, idle connections or not; waits only for handlers that are running, whose
  /// answers are lost. Takes up to half a second longer where the sockets were inherited.
  ~Server();

  /// What is listened on, with real ports: "0.0.0.0:10318", "[::1]:10318".
  [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }
  [[nodiscard]] const std::vector<std::uint16_t>& ports() const { return ports_; }

  /// \brief  For a watchdog: for how long connections have waited while none was served; 0 if none
  /// waits. Some seconds are normal while all connection slots are busy. The time begins with the
  /// first call that sees one wait. Makes no connection.
  /// Threads and cost:  one thread, which calls it regularly; some system calls for each open file.
  [[nodiscard]] std::chrono::steady_clock::duration Stalled() const;

  /// Idle connections that were closed to make room for others, since the start.
  [[nodiscard]] std::uint64_t connections_evicted() const;

 private:
  struct State;

  explicit Server(std::unique_ptr<State> state);
  void TakePorts(const std::vector<ListenAddress>& addresses, Ipv6 ipv6);
  [[nodiscard]] Result<void> ProveThatItAnswers() const;

  std::unique_ptr<State> state_;  ///< What the callbacks reach; outlives the context.
  mg_context* context_ = nullptr;
  std::vector<std::string> addresses_;
  std::vector<std::uint16_t> ports_;
  bool inherited_ = false;
};

}  // namespace conntrack::exporter::web
