#include "exporter/web/server/server.h"

#include <civetweb.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <random>
#include <string_view>
#include <thread>
#include <utility>

#include "exporter/process/log.h"
#include "exporter/web/config/tls_context.h"
#include "exporter/web/server/civetweb_start.h"
#include "exporter/web/server/connection.h"
#include "exporter/web/server/self_request.h"
#include "kernel/thread.h"

namespace conntrack::exporter::web {
namespace {

// A path that clients cannot guess.
std::string SecretPath() {
  std::random_device random;
  std::string path = "/-/";
  for (int i = 0; i < 4; ++i) path += std::to_string(random()) + "-";
  return path;
}

}  // namespace

// The callbacks of CivetWeb, and their data.
struct Server::State {
  State(const ServerOptions& options, Handler handler)
      : request{[this, handler = std::move(handler)](const HttpRequest& asked) {
                  if (proving && asked.path == secret_path) return PlainText(200, "It answers.\n");
                  return handler(asked);
                },
                options.filter, options.request_timeout, options.answer_timeout},
        tracker(options.worker_threads),
        begin_thread(options.begin_thread),
        tls(options.tls) {}

  const RequestOptions request;
  ConnectionTracker tracker;
  const std::function<void()> begin_thread;
  const ServerTls* const tls;
  const std::string secret_path = SecretPath();
  std::atomic<bool> proving = true;  // whether secret_path is answered
  std::mutex mutex;                  // guards the members below
  bool starting = true;              // if true, messages are collected; otherwise logged
  // Messages of CivetWeb while starting: the only way to learn why it failed.
  std::string messages;
  std::optional<Error> no_thread;                               // why a thread could not be started
  std::optional<std::chrono::steady_clock::time_point> warned;  // time of the last warning about it

  static constexpr int kServingThread = 1;  // CivetWeb's number for threads that serve

  static State& Of(const mg_context* context) {
    return *static_cast<State*>(mg_get_user_data(context));
  }
  static State& Of(const mg_connection* connection) { return Of(mg_get_context(connection)); }

  // Debug, because clients can cause these messages: an unknown version, a failed handshake. Except
  // "Cannot start ": the limit is determined at once, before CivetWeb ends its other threads.
  void Log(const char* message) {
    std::unique_lock lock(mutex);
    if (starting) messages.append(messages.empty() ? "" : "; ").append(message);
    if (std::string_view(message).starts_with("Cannot start ")) {
      NoteMissingThread();
      lock.unlock();
      tracker.slots().NoMoreThreads();
    } else if (!starting) {
      log::Debug("civetweb", {{"message", message}});
    }
  }

  void NoteMissingThread() {
    constexpr std::chrono::minutes kBetweenWarnings{1};
    const auto now = std::chrono::steady_clock::now();
    if (!starting && warned && now < *warned + kBetweenWarnings) return;
    no_thread = kernel::WhyNoThread("web");
    no_thread->kind = ErrorKind::kIo;
    if (starting) return;
    warned = now;
    log::Warn("connections have to wait, because no more threads can be started",
              {{"err", no_thread->message}, {"remedy", no_thread->remedy}});
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
      return 0;  // handled: no error page of CivetWeb
    };
    callbacks.log_message = [](const mg_connection* connection, const char* message) noexcept {
      try {
        Of(connection).Log(message);
      } catch (...) {  // no memory for a log line
      }
      return 1;
    };
    callbacks.init_thread = [](const mg_context* context, int kind) noexcept -> void* {
      State& state = Of(context);
      if (kind == kServingThread) state.tracker.slots().ThreadBegins();
      try {
        if (state.begin_thread) state.begin_thread();
      } catch (...) {  // out of memory
      }
      return nullptr;
    };
    callbacks.exit_thread = [](const mg_context* context, int kind, void*) noexcept {
      if (kind == kServingThread) Of(context).tracker.slots().ThreadEnds();
    };
    if (!with_tls) return callbacks;
    // Called at the start, for the context that CivetWeb uses, and at the end, where 1 means that
    // CivetWeb must not free it.
    callbacks.external_ssl_ctx = [](void** context, void* user_data) noexcept {
      *context = static_cast<State*>(user_data)->tls->context();
      return 1;
    };
    return callbacks;
  }
};

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
  {
    const std::scoped_lock lock(state.mutex);
    state.starting = false;
    const bool missing = server->context_ == nullptr || !StartsThreadsLater();
    if (state.no_thread && missing) return Fail(*state.no_thread);
    if (server->context_ == nullptr) {
      return Fail(ErrorKind::kIo, "listening on " + ports + ": " + state.messages);
    }
  }
  for (const InheritedSocket& socket : options.inherited) {
    server->inherited_ = true;
    server->addresses_.push_back(socket.address);
    server->ports_.push_back(socket.port);
  }
  server->TakePorts(*addresses, ipv6);
  state.tracker.Listen(server->ports_);
  if (auto proved = server->ProveThatItAnswers(); !proved) return Fail(proved.error());
  state.proving = false;
  return server;
}

Result<void> Server::ProveThatItAnswers() const {
  for (const int listener : ListeningSockets(ports_)) {
    const auto taken = state_->tracker.slots().acquired();
    const auto asked = AskItself(listener, state_->secret_path, state_->tls != nullptr);
    if (asked.outcome == SelfRequest::Outcome::kAnswered) continue;
    // With socket activation, thousands of other connections may be queued before this one.
    const bool served_others = state_->tracker.slots().acquired() > taken + 1;
    if (asked.outcome == SelfRequest::Outcome::kUnanswered && !served_others) {
      return Fail(ErrorKind::kIo,
                  "requests to " + asked.address + " are not answered: " + asked.reason,
                  "allow more memory and tasks (MemoryMax= and TasksMax= of systemd, ulimit -v and "
                  "-u, the limits of the container)");
    }
    log::Info("could not check that requests are answered",
              {{"address", asked.address}, {"reason", asked.reason}});
  }
  return {};
}

std::chrono::steady_clock::duration Server::Stalled() const {
  return state_->tracker.slots().Stalled();
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
  // poll(2) checks twice per second. Shutting down its socket wakes it up. This is repeated,
  // because a connection may just be arriving. No response is lost: once the flag is set, CivetWeb
  // sends none. An inherited listening socket is left open, because its owner needs it.
  state_->tracker.slots().Stop();
  const auto shut_down = [this] {
    ShutDownSockets(ports_, inherited_ ? Which::kConnections : Which::kAll);
  };
  std::jthread waker;
  try {
    waker = kernel::StartThread("web stop", [&](const std::stop_token& stopped) {
      while (!stopped.stop_requested()) {
        shut_down();
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    });
  } catch (const std::exception&) {
    // Without a thread, only once, which is nearly always enough.
    static_cast<void>(kernel::Caught([&] {
      shut_down();
      return Result<void>();
    }));
  }
  mg_stop(context_);
}

}  // namespace conntrack::exporter::web
