#include "exporter/web/server/civetweb_start.h"

#include <civetweb.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include "exporter/web/server/tcp_sockets.h"

namespace conntrack::exporter::web {
namespace {

// Limit for the head of a request.
constexpr int kMaxHeadBytes = 16'384;
// Connections that CivetWeb accepts before a thread is free for them.
constexpr int kAcceptQueue = 20;
// Connections that the kernel queues before they are accepted, at most net.core.somaxconn (same
// default). Beyond that, a client must retry, one second later.
constexpr int kListenBacklog = 4096;
// Threads that serve connections and never end. More are started while these are busy.
constexpr int kKeptThreads = 4;

}  // namespace

Result<void> PrepareTls() {
  static const bool ready = (mg_init_library(MG_FEATURES_TLS) & MG_FEATURES_TLS) != 0;
  if (ready) return {};
  return Fail(ErrorKind::kAbsent, "this CivetWeb cannot do TLS with this OpenSSL",
              "remove tls_server_config, or link a CivetWeb built with TLS");
}

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
  return Fail(Error{ErrorKind::kIo, EMFILE,
                    "so many connections may need " + std::to_string(wanted) +
                        " open files, and RLIMIT_NOFILE is " + std::to_string(most),
                    "lower --web.max-requests, or raise the limit (ulimit -n, LimitNOFILE= of "
                    "systemd)"});
}

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

bool StartsThreadsLater() {
  for (const mg_option* option = mg_get_valid_options(); option->name != nullptr; ++option) {
    if (std::string_view(option->name) == "worker_idle_timeout_ms") return true;
  }
  return false;
}

mg_context* StartCivetWeb(const ServerOptions& options, const std::string& ports,
                          const mg_callbacks& callbacks, void* user_data) {
  static const unsigned library = mg_init_library(MG_FEATURES_DEFAULT);  // once per process
  static_cast<void>(library);
  // One thread more than slots: it waits for a slot with the next connection.
  const std::string threads = std::to_string(options.worker_threads + 1);
  const std::string request_timeout = std::to_string(options.request_timeout.count());
  const std::string keep_alive_timeout = std::to_string(options.keep_alive_timeout.count());
  const std::string request_size = std::to_string(kMaxHeadBytes);
  const std::string queue = std::to_string(kAcceptQueue);
  const std::string backlog = std::to_string(kListenBacklog);
  const std::string kept = std::to_string(kKeptThreads);
  const std::string idle_time = std::to_string(options.idle_thread_time.count());
  std::vector<const char*> words = {
      "listening_ports", ports.c_str(),                     //
      "num_threads", threads.c_str(),                       //
      "request_timeout_ms", request_timeout.c_str(),        //
      "keep_alive_timeout_ms", keep_alive_timeout.c_str(),  //
      "max_request_size", request_size.c_str(),             //
      "connection_queue", queue.c_str(),                    //
      "listen_backlog", backlog.c_str(),                    //
      "enable_keep_alive", "yes",                           //
      "tcp_nodelay", "1",                                   //
      // Not decoded by CivetWeb, which would take "/metrics%00x" for "/metrics".
      "decode_url", "no",
      // Otherwise "GET http://host/metrics" gets no response unless the host is "mydomain.com".
      "enable_auth_domain_check", "no"};
  if (StartsThreadsLater()) {
    words.insert(words.end(), {"prespawn_threads", kept.c_str(),  //
                               "worker_idle_timeout_ms", idle_time.c_str()});
  }
  words.push_back(nullptr);
  mg_init_data init{&callbacks, user_data, words.data()};
  return mg_start2(&init, nullptr);
}

}  // namespace conntrack::exporter::web
