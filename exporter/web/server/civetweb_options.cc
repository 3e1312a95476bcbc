#include "exporter/web/server/civetweb_options.h"

#include <utility>

namespace conntrack::exporter::web {
namespace {

// Connections that are accepted before a thread is free for them.
constexpr int kAcceptedAhead = 20;
// Connections that the kernel keeps before they are accepted; it takes net.core.somaxconn, by
// default as many, where that is less. Above it a client has to try again, a second later.
constexpr int kLongestLine = 4096;

}  // namespace

std::string CivetPorts(const std::vector<ListenAddress>& addresses, Ipv6 ipv6, bool tls) {
  const std::string every = ipv6 == Ipv6::kAvailable ? "+" : "";
  std::string ports;
  for (const ListenAddress& address : addresses) {
    if (!ports.empty()) ports += ',';
    ports += address.host.empty() ? every + std::to_string(address.port)
                                  : FormatAddress(address.host, address.port, address.ipv6);
    if (tls) ports += 's';
  }
  return ports;
}

std::string CivetPorts(const std::vector<InheritedSocket>& sockets, bool tls) {
  std::string ports;
  for (const InheritedSocket& socket : sockets) {
    ports += (ports.empty() ? "@" : ",@") + std::to_string(socket.fd) + (tls ? "s" : "");
  }
  return ports;
}

std::vector<std::string> CivetOptions(const ServerOptions& options, std::string ports) {
  return {
      "listening_ports", std::move(ports),  //
      // One more than work: it keeps the door.
      "num_threads", std::to_string(options.worker_threads + 1),                    //
      "request_timeout_ms", std::to_string(options.request_timeout.count()),        //
      "keep_alive_timeout_ms", std::to_string(options.keep_alive_timeout.count()),  //
      "max_request_size", std::to_string(options.max_request_bytes),                //
      "connection_queue", std::to_string(kAcceptedAhead),                           //
      "listen_backlog", std::to_string(kLongestLine),                               //
      "enable_keep_alive", "yes",                                                   //
      "tcp_nodelay", "1",                                                           //
      // We decode: CivetWeb would take "/metrics%00x" for "/metrics".
      "decode_url", "no",
      // Else "GET http://host/metrics" is answered with silence unless the host is "mydomain.com".
      "enable_auth_domain_check", "no"};
}

std::size_t OpenFiles(const ServerOptions& options) {
  constexpr std::size_t kAllElse = 128;
  constexpr std::size_t kDoor = 1;
  constexpr std::size_t kJustAccepted = 1;
  return static_cast<std::size_t>(options.worker_threads) + kAcceptedAhead + kDoor + kJustAccepted +
         kAllElse;
}

}  // namespace conntrack::exporter::web
