#include "exporter/web/client/tcp_connect.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace conntrack::exporter::web {

using kernel::UniqueFd;

namespace {

Result<UniqueFd> ConnectToAddress(const SocketAddress& address, Deadline deadline) {
  UniqueFd socket(
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return Fail(ErrorFromErrno(errno, "socket"));
  if (::connect(socket.get(), address.get(), address.size) == 0) return socket;
  if (errno != EINPROGRESS) return Fail(ErrorFromErrno(errno, "connecting"));
  const auto connected = WaitFor(socket, POLLOUT, deadline, "connecting");
  if (!connected) return Fail(connected.error());
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return Fail(ErrorFromErrno(error, "connecting"));
  return socket;
}

}  // namespace

Result<void> WaitFor(const UniqueFd& socket, short events, Deadline deadline, const char* what) {
  using std::chrono::ceil, std::chrono::milliseconds;
  while (true) {
    const auto left = ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return Fail(ErrorKind::kTimeout, std::string(what) + ": nothing in time");
    pollfd waiting{socket.get(), events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return Fail(ErrorFromErrno(errno, what));
  }
}

Result<UniqueFd> ConnectTo(const HttpUrl& url, Deadline deadline) {
  const auto addresses = Resolve(url.host, url.port, deadline);
  if (!addresses) return Fail(addresses.error());
  Result<UniqueFd> socket;
  for (const auto& address : *addresses) {
    socket = ConnectToAddress(address, deadline);
    if (socket) break;
  }
  return socket;
}

}  // namespace conntrack::exporter::web
