#include "exporter/web/http_get.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "collectors/kernel/unique_fd.h"
#include "exporter/web/listen_address.h"
#include "exporter/web/printable.h"
#include "exporter/web/resolve.h"
#include "exporter/web/status_line.h"

namespace conntrack::exporter::web {
namespace {

using kernel::UniqueFd;
using Done = Result<void>;

// No server sends a status line as long.
constexpr std::size_t kMaxStatusLine = 1024;

// Until the socket is ready, or in error, which the next call on it tells.
Done WaitFor(const UniqueFd& socket, short events, Deadline deadline, const char* what) {
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

Result<UniqueFd> ConnectTo(const SocketAddress& address, Deadline deadline) {
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

// The first that answers: "localhost" is ::1 before it is 127.0.0.1, and not all listen on both.
Result<UniqueFd> Connect(const HttpUrl& url, Deadline deadline) {
  const auto addresses = Resolve(url.host, url.port, deadline);
  if (!addresses) return Fail(addresses.error());
  Result<UniqueFd> socket;
  for (const auto& address : *addresses) {
    socket = ConnectTo(address, deadline);
    if (socket) break;
  }
  return socket;
}

Done Send(const UniqueFd& socket, std::string_view text, Deadline deadline) {
  while (!text.empty()) {
    const auto ready = WaitFor(socket, POLLOUT, deadline, "asking");
    if (!ready) return ready;
    const auto sent = ::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN && errno != EINTR) {
      return Fail(ErrorFromErrno(errno, "asking"));
    }
  }
  return {};
}

// What arrives up to the first line break, without it; or up to the end or the bound.
Result<std::string> ReceiveLine(const UniqueFd& socket, Deadline deadline) {
  std::string line;
  while (line.size() < kMaxStatusLine) {
    const auto ready = WaitFor(socket, POLLIN, deadline, "waiting for the answer");
    if (!ready) return Fail(ready.error());
    std::array<char, kMaxStatusLine> buffer{};
    const auto received = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (received < 0) return Fail(ErrorFromErrno(errno, "reading the answer"));
    if (received == 0) break;
    line.append(buffer.data(), static_cast<std::size_t>(received));
    if (const auto end = line.find("\r\n"); end != std::string::npos) return line.substr(0, end);
  }
  return line;
}

}  // namespace

Result<int> HttpGetStatus(const HttpUrl& url, Deadline deadline) {
  const auto socket = Connect(url, deadline);
  if (!socket) return Fail(socket.error());
  const auto request = "GET " + url.target +
                       " HTTP/1.1\r\nHost: " + FormatAddress(url.host, url.port, url.ipv6) +
                       "\r\nUser-Agent: conntrack_exporter\r\nConnection: close\r\n\r\n";
  const auto asked = Send(*socket, request, deadline);
  if (!asked) return Fail(asked.error());
  const auto line = ReceiveLine(*socket, deadline);
  if (!line) return Fail(line.error());
  const auto status = ParseStatusLine(*line);
  if (status) return *status;
  return Fail(ErrorKind::kMalformed,
              line->empty() ? "the connection was closed without an answer"
                            : "not HTTP: \"" + Printable(*line) + "\"",
              "see what listens there: another program, or an exporter that speaks TLS");
}

}  // namespace conntrack::exporter::web
