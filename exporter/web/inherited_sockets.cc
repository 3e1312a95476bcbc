#include "exporter/web/inherited_sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>

#include "exporter/web/listen_address.h"

namespace conntrack::exporter::web {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

std::optional<int> NumberFromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  const std::string_view text = value;
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int> SocketOption(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) return std::nullopt;
  return value;
}

// What keeps a descriptor from being served; empty where nothing does.
std::string Complaint(int fd) {
  const auto family = SocketOption(fd, SO_DOMAIN);
  if (!family) return "is no socket";
  if (*family != AF_INET && *family != AF_INET6) {
    return "is no TCP socket; ListenStream= takes a port or an address here, no path";
  }
  if (SocketOption(fd, SO_TYPE) != SOCK_STREAM) return "is no TCP socket; use ListenStream=";
  if (SocketOption(fd, SO_ACCEPTCONN) != 1)
    return "does not listen; the socket unit needs Accept=no";
  return "";
}

InheritedSocket Describe(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  getsockname(fd, generic, &size);
  char host[NI_MAXHOST] = {};
  getnameinfo(generic, size, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
  const bool ipv6 = address.ss_family == AF_INET6;
  // In both families the port stands at the same place.
  const std::uint16_t port = ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  return {fd, port, FormatAddress(host, port, ipv6)};
}

}  // namespace

int CountInheritedSockets() {
  if (NumberFromEnvironment("LISTEN_PID") != static_cast<int>(::getpid())) return 0;
  return std::max(0, NumberFromEnvironment("LISTEN_FDS").value_or(0));
}

Result<std::vector<InheritedSocket>> SocketsFrom(int first, int count) {
  std::vector<InheritedSocket> sockets;
  for (int fd = first; fd < first + count; ++fd) {
    if (const auto complaint = Complaint(fd); !complaint.empty()) {
      return Fail(ErrorKind::kMalformed,
                  "descriptor " + std::to_string(fd) + " of " + std::to_string(count) +
                      " that were passed " + complaint,
                  "correct the socket unit, or start without --web.systemd-socket");
    }
    sockets.push_back(Describe(fd));
  }
  return sockets;
}

Result<std::vector<InheritedSocket>> InheritedSockets() {
  const int count = CountInheritedSockets();
  if (count == 0) {
    return Fail(ErrorKind::kAbsent, "--web.systemd-socket: no socket was passed (LISTEN_FDS)",
                "start the socket unit instead of the service, or leave the flag out");
  }
  return SocketsFrom(kFirst, count);
}

}  // namespace conntrack::exporter::web
