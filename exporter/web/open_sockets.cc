#include "exporter/web/open_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>

namespace conntrack::exporter::web {
namespace {

// The local TCP port of a descriptor; 0 where it is no TCP socket.
std::uint16_t LocalPort(int fd) {
  int type = 0;
  socklen_t type_size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_size) != 0 || type != SOCK_STREAM) return 0;
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  }
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  }
  return 0;
}

bool Listens(int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0;
}

}  // namespace

void ShutDownSockets(std::span<const std::uint16_t> ports, Which which) {
  std::error_code failed;
  std::filesystem::directory_iterator entry("/proc/self/fd", failed);
  while (!failed && entry != std::filesystem::directory_iterator()) {
    const std::string name = entry->path().filename().string();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    const std::uint16_t port = LocalPort(fd);
    const bool ours = port != 0 && std::find(ports.begin(), ports.end(), port) != ports.end();
    if (ours && (which == Which::kAll || !Listens(fd))) shutdown(fd, SHUT_RDWR);
    entry.increment(failed);
  }
}

}  // namespace conntrack::exporter::web
