#include "exporter/web/server/server.h"

#include <civetweb.h>

#include <algorithm>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "exporter/process/log.h"
#include "exporter/web/config/server_tls.h"
#include "exporter/web/server/civetweb_openssl.h"
#include "exporter/web/server/civetweb_options.h"
#include "exporter/web/server/connection.h"
#include "exporter/web/server/descriptor_limit.h"
#include "exporter/web/server/doorway.h"
#include "exporter/web/server/listen_check.h"
#include "exporter/web/server/open_sockets.h"

namespace conntrack::exporter::web {

// What CivetWeb calls, and what these calls need.
struct Server::State {
  State(const ServerOptions& options, Handler handler)
      : conversation{std::move(handler), options.finish, options.request_timeout,
                     options.answer_timeout},
        doorway(options.worker_threads),
        begin_thread(options.begin_thread),
        tls(options.tls) {}

  const Conversation conversation;
  Doorway doorway;
  const std::function<void()> begin_thread;
  const ServerTls* const tls;
  std::mutex mutex;      // guards what follows
  bool starting = true;  // until then complaints are collected, afterwards logged
  // What CivetWeb logged while starting: its only way to say why it did not.
  std::string complaints;

  static State& Of(const mg_connection* connection) {
    return *static_cast<State*>(mg_get_user_data(mg_get_context(connection)));
  }

  static int BeginRequest(mg_connection* connection) noexcept {
    State& state = Of(connection);
    return Answer(connection, state.conversation, state.doorway);
  }

  static int HttpError(mg_connection* connection, int status, const char*) noexcept {
    State& state = Of(connection);
    AnswerUnreadable(connection, status, state.conversation, state.doorway);
    return 0;  // handled: no page of CivetWeb's own
  }

  static void* BeginThread(const mg_context* context, int /*kind*/) noexcept {
    const auto& begin = static_cast<State*>(mg_get_user_data(context))->begin_thread;
    if (begin) begin();
    return nullptr;
  }

  static int InitConnection(const mg_connection* connection, void**) noexcept {
    Of(connection).doorway.Enter();
    return 0;
  }

  static void ConnectionClose(const mg_connection* connection) noexcept {
    Of(connection).doorway.Leave(connection);
  }

  static void ConnectionClosed(const mg_connection* connection) noexcept {
    Of(connection).doorway.Left();
  }

  // Called at the start, for the context that CivetWeb is to use, and at the end, when 1 means that
  // it is not CivetWeb's to free.
  static int ProvideTls(void** context, void* user_data) noexcept {
    *context = static_cast<State*>(user_data)->tls->context();
    return 1;
  }

  // Clients can cause these lines (a strange version, a failed handshake), hence debug.
  static int LogMessage(const mg_connection* connection, const char* message) noexcept {
    try {
      State& state = Of(connection);
      const std::scoped_lock lock(state.mutex);
      if (!state.starting) {
        log::Debug("civetweb", {{"message", message}});
      } else {
        state.complaints.append(state.complaints.empty() ? "" : "; ").append(message);
      }
    } catch (...) {  // no memory for a log line
    }
    return 1;
  }
};

namespace {

Result<std::vector<ListenAddress>> ParseAll(const std::vector<std::string>& texts) {
  if (texts.empty()) return Fail(ErrorKind::kMalformed, "no address to listen on");
  std::vector<ListenAddress> addresses;
  for (const std::string& text : texts) {
    auto address = ParseListenAddress(text);
    if (!address) return Fail(address.error());
    addresses.push_back(std::move(*address));
  }
  return addresses;
}

// Empty where sockets are inherited.
Result<std::vector<ListenAddress>> AddressesToBind(const ServerOptions& options, Ipv6 ipv6) {
  if (!options.inherited.empty()) {
    if (TakesInheritedSockets()) return {};
    return Fail(ErrorKind::kAbsent, "this CivetWeb opens its own sockets and cannot take systemd's",
                "build with CONNTRACK_CIVETWEB=source, start without a socket unit, or put "
                "systemd-socket-proxyd before the exporter");
  }
  auto parsed = ParseAll(options.listen_addresses);
  if (!parsed) return Fail(parsed.error());
  return CheckListenable(std::move(*parsed), ipv6);
}

mg_context* StartCivetWeb(const std::vector<std::string>& options, const mg_callbacks& callbacks,
                          void* user_data) {
  static const unsigned library = mg_init_library(MG_FEATURES_DEFAULT);  // once a process
  static_cast<void>(library);
  std::vector<const char*> words;
  words.reserve(options.size() + 1);
  for (const std::string& word : options) words.push_back(word.c_str());
  words.push_back(nullptr);
  mg_init_data init{&callbacks, user_data, words.data()};
  return mg_start2(&init, nullptr);
}

}  // namespace

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

std::uint64_t Server::connections_cut() const { return state_->doorway.places().cut(); }

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options, Handler handler) {
  const Ipv6 ipv6 = FindIpv6();
  const auto addresses = AddressesToBind(options, ipv6);
  if (!addresses) return Fail(addresses.error());
  if (options.tls != nullptr) {
    if (auto ready = PrepareCivetWebTls(); !ready) return Fail(ready.error());
  }

  if (auto enough = AllowOpenFiles(OpenFiles(options)); !enough) return Fail(enough.error());
  std::unique_ptr<Server> server(new Server(std::make_unique<State>(options, std::move(handler))));
  State& state = *server->state_;
  mg_callbacks callbacks{};
  callbacks.init_connection = &State::InitConnection;
  callbacks.connection_close = &State::ConnectionClose;
  callbacks.connection_closed = &State::ConnectionClosed;
  callbacks.begin_request = &State::BeginRequest;
  callbacks.http_error = &State::HttpError;
  callbacks.log_message = &State::LogMessage;
  callbacks.init_thread = &State::BeginThread;
  const bool tls = options.tls != nullptr;
  if (tls) {
    callbacks.external_ssl_ctx = &State::ProvideTls;
    state.doorway.WatchHandshakes(options.tls->context());
  }
  const std::string ports = options.inherited.empty() ? CivetPorts(*addresses, ipv6, tls)
                                                      : CivetPorts(options.inherited, tls);
  server->context_ = StartCivetWeb(CivetOptions(options, ports), callbacks, &state);
  const std::scoped_lock lock(state.mutex);
  state.starting = false;
  if (server->context_ == nullptr) {
    return Fail(ErrorKind::kIo, "listening on " + ports + ": " + state.complaints);
  }
  options.inherited.empty() ? server->TakePorts(*addresses, ipv6)
                            : server->TakePorts(options.inherited);
  state.doorway.WatchLine(server->ports_);
  return server;
}

void Server::TakePorts(const std::vector<InheritedSocket>& sockets) {
  inherited_ = true;
  for (const InheritedSocket& socket : sockets) {
    addresses_.push_back(socket.address);
    ports_.push_back(socket.port);
  }
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
  // mg_stop() waits until every thread of CivetWeb has seen the stop flag, and a thread in poll(2)
  // looks at it only every two seconds. So the sockets are shut down under them, again and again
  // because a connection may just be on its way in. Nothing is lost by it: once the flag is set
  // CivetWeb sends no answers any more, not even those of handlers that are running. An inherited
  // socket is spared: it is still needed where it came from.
  state_->doorway.places().Open();
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
