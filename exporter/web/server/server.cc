#include "exporter/web/server/server.h"

#include <civetweb.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "exporter/process/log.h"
#include "exporter/web/config/tls_context.h"
#include "exporter/web/server/connection.h"

namespace conntrack::exporter::web {

// What CivetWeb calls, and what these calls need.
struct Server::State {
  State(const ServerOptions& options, Handler handler)
      : request{std::move(handler), options.filter, options.request_timeout,
                options.answer_timeout},
        tracker(options.worker_threads),
        begin_thread(options.begin_thread),
        tls(options.tls) {}

  const RequestOptions request;
  ConnectionTracker tracker;
  const std::function<void()> begin_thread;
  const ServerTls* const tls;
  std::mutex mutex;      // guards what follows
  bool starting = true;  // until then messages are collected, afterwards logged
  // What CivetWeb logged while starting: its only way to say why it did not.
  std::string messages;

  static State& Of(const mg_connection* connection) {
    return *static_cast<State*>(mg_get_user_data(mg_get_context(connection)));
  }

  // Clients can cause these messages (a strange version, a failed handshake), hence debug.
  void Log(const char* message) {
    const std::scoped_lock lock(mutex);
    if (!starting) return log::Debug("civetweb", {{"message", message}});
    messages.append(messages.empty() ? "" : "; ").append(message);
  }

  static mg_callbacks Callbacks(bool with_tls) {
    mg_callbacks callbacks{};
    callbacks.init_connection = [](const mg_connection* connection, void**) noexcept {
      Of(connection).tracker.OnConnection();
      return 0;
    };
    callbacks.connection_close = [](const mg_connection* connection) noexcept {
      Of(connection).tracker.OnClose(connection);
    };
    callbacks.connection_closed = [](const mg_connection* connection) noexcept {
      Of(connection).tracker.OnClosed();
    };
    callbacks.begin_request = [](mg_connection* connection) noexcept {
      return Answer(connection, Of(connection).request, Of(connection).tracker);
    };
    callbacks.http_error = [](mg_connection* connection, int status, const char*) noexcept {
      AnswerUnreadable(connection, status, Of(connection).request, Of(connection).tracker);
      return 0;  // handled: no page of CivetWeb's own
    };
    callbacks.log_message = [](const mg_connection* connection, const char* message) noexcept {
      try {
        Of(connection).Log(message);
      } catch (...) {  // no memory for a log line
      }
      return 1;
    };
    callbacks.init_thread = [](const mg_context* context, int /*kind*/) noexcept -> void* {
      const auto& begin = static_cast<State*>(mg_get_user_data(context))->begin_thread;
      if (begin) begin();
      return nullptr;
    };
    if (!with_tls) return callbacks;
    // Called at the start, for the context that CivetWeb is to use, and at the end, when 1 means
    // that it is not CivetWeb's to free.
    callbacks.external_ssl_ctx = [](void** context, void* user_data) noexcept {
      *context = static_cast<State*>(user_data)->tls->context();
      return 1;
    };
    return callbacks;
  }
};

namespace {

// Of the head of a request.
constexpr int kMaxHeadBytes = 16'384;
// Connections that CivetWeb accepts before a thread is free for them.
constexpr int kAcceptQueue = 20;
// Connections that the kernel keeps before they are accepted; it takes net.core.somaxconn, by
// default as many, where that is less. Above it a client has to try again, a second later.
constexpr int kListenBacklog = 4096;

// A distribution's CivetWeb opens OpenSSL at run time (civetweb_dlopen.cc). If that failed,
// CivetWeb 1.15 would forget it and crash at the first connection.
Result<void> PrepareTls() {
  static const bool ready = (mg_init_library(MG_FEATURES_TLS) & MG_FEATURES_TLS) != 0;
  if (ready) return {};
  return Fail(ErrorKind::kAbsent, "this CivetWeb cannot do TLS with this OpenSSL",
              "remove tls_server_config, or link a CivetWeb built with TLS");
}

// Raises the soft limit of open files to what this server and the rest of the process may need. So
// connections never use up what collectors need to open, and accept(2) never fails for want of a
// descriptor: CivetWeb would try again without end.
Result<void> RaiseOpenFilesLimit(const ServerOptions& options) {
  constexpr rlim_t kAllElse = 128;
  constexpr rlim_t kWaitingForSlot = 1;
  constexpr rlim_t kJustAccepted = 1;
  const rlim_t wanted = static_cast<rlim_t>(options.worker_threads) + kAcceptQueue +
                        kWaitingForSlot + kJustAccepted + kAllElse;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return {};
  const rlim_t most = limit.rlim_max;
  limit.rlim_cur = std::min(wanted, most);
  if (limit.rlim_cur == wanted && setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
  return Fail(Error{ErrorKind::kDenied, EMFILE,
                    "so many connections may need " + std::to_string(wanted) +
                        " open files, and the limit is " + std::to_string(most),
                    "lower --web.max-requests, or raise the limit (systemd: LimitNOFILE=)"});
}

// Empty where sockets are inherited.
Result<std::vector<ListenAddress>> AddressesToBind(const ServerOptions& options, Ipv6 ipv6) {
  if (!options.inherited.empty()) {
    if (TakesInheritedSockets()) return {};
    return Fail(ErrorKind::kAbsent, "this CivetWeb opens its own sockets and cannot take systemd's",
                "build with CONNTRACK_CIVETWEB=source, start without a socket unit, or put "
                "systemd-socket-proxyd before the exporter");
  }
  if (options.listen_addresses.empty()) {
    return Fail(ErrorKind::kMalformed, "no address to listen on");
  }
  std::vector<ListenAddress> addresses;
  for (const std::string& text : options.listen_addresses) {
    auto address = ParseListenAddress(text);
    if (!address) return Fail(address.error());
    addresses.push_back(std::move(*address));
  }
  return CheckListenable(std::move(addresses), ipv6);
}

// In CivetWeb's words: a bare port is IPv4 only, one with a plus is both families, an s means TLS,
// @FD is an inherited socket (patches/civetweb/inherited-sockets.patch).
std::string CivetPorts(const ServerOptions& options, const std::vector<ListenAddress>& addresses,
                       Ipv6 ipv6) {
  const std::string every = ipv6 == Ipv6::kAvailable ? "+" : "";
  const std::string end = options.tls != nullptr ? "s," : ",";
  std::string ports;
  for (const ListenAddress& address : addresses) {
    ports.append(address.host.empty() ? every + std::to_string(address.port)
                                      : FormatAddress(address.host, address.port, address.ipv6));
    ports.append(end);
  }
  for (const InheritedSocket& socket : options.inherited) {
    ports.append("@").append(std::to_string(socket.fd)).append(end);
  }
  ports.pop_back();
  return ports;
}

mg_context* StartCivetWeb(const ServerOptions& options, const std::string& ports,
                          const mg_callbacks& callbacks, void* user_data) {
  static const unsigned library = mg_init_library(MG_FEATURES_DEFAULT);  // once a process
  static_cast<void>(library);
  // One thread more than there are slots: it waits for a slot with the next connection.
  const std::string threads = std::to_string(options.worker_threads + 1);
  const std::string request_timeout = std::to_string(options.request_timeout.count());
  const std::string keep_alive_timeout = std::to_string(options.keep_alive_timeout.count());
  const std::string request_size = std::to_string(kMaxHeadBytes);
  const std::string queue = std::to_string(kAcceptQueue);
  const std::string backlog = std::to_string(kListenBacklog);
  const char* words[] = {
      "listening_ports", ports.c_str(),                     //
      "num_threads", threads.c_str(),                       //
      "request_timeout_ms", request_timeout.c_str(),        //
      "keep_alive_timeout_ms", keep_alive_timeout.c_str(),  //
      "max_request_size", request_size.c_str(),             //
      "connection_queue", queue.c_str(),                    //
      "listen_backlog", backlog.c_str(),                    //
      "enable_keep_alive", "yes",                           //
      "tcp_nodelay", "1",                                   //
      // We decode: CivetWeb would take "/metrics%00x" for "/metrics".
      "decode_url", "no",
      // Else "GET http://host/metrics" is answered with silence unless the host is "mydomain.com".
      "enable_auth_domain_check", "no", nullptr};
  mg_init_data init{&callbacks, user_data, words};
  return mg_start2(&init, nullptr);
}

}  // namespace

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

std::uint64_t Server::connections_evicted() const { return state_->tracker.slots().evictions(); }

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Handler handler) {
  const Ipv6 ipv6 = FindIpv6();
  const auto addresses = AddressesToBind(options, ipv6);
  if (!addresses) return Fail(addresses.error());
  if (options.tls != nullptr) {
    if (auto ready = PrepareTls(); !ready) return Fail(ready.error());
  }
  if (auto raised = RaiseOpenFilesLimit(options); !raised) return Fail(raised.error());

  std::unique_ptr<Server> server(new Server(std::make_unique<State>(options, std::move(handler))));
  State& state = *server->state_;
  if (options.tls != nullptr) state.tracker.TrackHandshakes(options.tls->context());
  const std::string ports = CivetPorts(options, *addresses, ipv6);
  server->context_ =
      StartCivetWeb(options, ports, State::Callbacks(options.tls != nullptr), &state);
  const std::scoped_lock lock(state.mutex);
  state.starting = false;
  if (server->context_ == nullptr) {
    return Fail(ErrorKind::kIo, "listening on " + ports + ": " + state.messages);
  }
  for (const InheritedSocket& socket : options.inherited) {
    server->inherited_ = true;
    server->addresses_.push_back(socket.address);
    server->ports_.push_back(socket.port);
  }
  server->TakePorts(*addresses, ipv6);
  state.tracker.Listen(server->ports_);
  return server;
}

void Server::TakePorts(const std::vector<ListenAddress>& addresses, Ipv6 ipv6) {
  std::vector<mg_server_port> bound(addresses.size());
  mg_get_server_ports(context_, static_cast<int>(bound.size()), bound.data());
  for (std::size_t i = 0; i < bound.size(); ++i) {
    const ListenAddress& address = addresses[i];
    const auto port = static_cast<std::uint16_t>(bound[i].port);
    const bool six = address.ipv6 || (address.host.empty() && ipv6 == Ipv6::kAvailable);
    const std::string every = six ? "::" : "0.0.0.0";
    addresses_.push_back(FormatAddress(address.host.empty() ? every : address.host, port, six));
    ports_.push_back(port);
  }
}

Server::~Server() {
  if (context_ == nullptr) return;
  // mg_stop() waits until every thread of CivetWeb has seen the stop flag, which a thread in
  // poll(2) looks at every two seconds. So the sockets are shut down under them, repeatedly because
  // a connection may just be coming in. No answer is lost: once the flag is set CivetWeb sends
  // none. An inherited socket is spared: its owner needs it.
  state_->tracker.slots().Stop();
  std::jthread waker;
  try {
    waker = std::jthread([this](const std::stop_token& stopped) {
      while (!stopped.stop_requested()) {
        ShutDownSockets(ports_, inherited_ ? Which::kConnections : Which::kAll);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    });
  } catch (const std::system_error&) {  // no thread to be had: then it takes CivetWeb's two seconds
  }
  mg_stop(context_);
}

}  // namespace conntrack::exporter::web
