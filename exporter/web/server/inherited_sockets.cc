#include "exporter/web/server/inherited_sockets.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

#include "exporter/web/server/tcp_sockets.h"
#include "kernel/proc/parse_number.h"

namespace conntrack::exporter::web {
namespace {

constexpr int kFirst = 3;  // SD_LISTEN_FDS_START

std::optional<int> NumberFromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return kernel::ParseNumber<int>(value);
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
  SocketAddress address;
  getsockname(fd, address.get(), &address.size);
  const bool ipv6 = address.storage.ss_family == AF_INET6;
  const auto port = address.port();
  return {fd, port, FormatAddress(NumericHost(address.get(), address.size), port, ipv6)};
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
