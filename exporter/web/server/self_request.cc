#include "exporter/web/server/self_request.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>

#include "exporter/web/server/tcp_sockets.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {
namespace {

using Clock = std::chrono::steady_clock;
using Outcome = SelfRequest::Outcome;

constexpr std::chrono::seconds kConnectTimeout{1};

// Returns the address at which a client on this host reaches a listening socket.
SocketAddress Reachable(int listener) {
  SocketAddress address;
  getsockname(listener, address.get(), &address.size);
  auto& six = reinterpret_cast<sockaddr_in6&>(address.storage);
  auto& four = reinterpret_cast<sockaddr_in&>(address.storage);
  if (address.storage.ss_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&six.sin6_addr)) {
    six.sin6_addr = in6addr_loopback;
    int only_ipv6 = 0;
    socklen_t size = sizeof only_ipv6;
    getsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, &size);
    if (only_ipv6 != 0) return address;
    // The socket covers both families, and loopback is more likely to have an IPv4 address.
    const in_port_t port = six.sin6_port;
    address.storage = {};
    four.sin_family = AF_INET;
    four.sin_port = port;
    address.size = sizeof four;
  }
  if (address.storage.ss_family == AF_INET && four.sin_addr.s_addr == htonl(INADDR_ANY)) {
    four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  return address;
}

bool WaitFor(int fd, short events, Clock::duration timeout) {
  const auto end = Clock::now() + timeout;
  pollfd one{.fd = fd, .events = events, .revents = 0};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return false;
    const int ready = poll(&one, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

// Returns 0 or an errno.
int Connect(int fd, const SocketAddress& address) {
  if (connect(fd, address.get(), address.size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!WaitFor(fd, POLLOUT, kConnectTimeout)) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

// Waits for the response. Returns why there was none; empty if there was one.
std::string ReadAnswer(int fd, bool tls, std::chrono::milliseconds timeout) {
  if (!WaitFor(fd, POLLIN, timeout)) {
    return "no answer within " + std::to_string(timeout.count()) + " ms";
  }
  std::array<char, 64> begin{};
  const auto bytes = recv(fd, begin.data(), begin.size(), 0);
  if (bytes <= 0) return tls ? "" : "the connection was closed without an answer";
  const std::string_view answer(begin.data(), static_cast<std::size_t>(bytes));
  if (answer.starts_with("HTTP/1.1 5")) return std::string(answer.substr(0, answer.find('\r')));
  return "";
}

}  // namespace

SelfRequest AskItself(int listener, const std::string& path, bool tls,
                      std::chrono::milliseconds timeout) {
  const SocketAddress address = Reachable(listener);
  SelfRequest done;
  done.address = FormatAddress(NumericHost(address.get(), address.size), address.port(),
                               address.storage.ss_family == AF_INET6);
  const kernel::UniqueFd client(
      socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (const int error = client ? Connect(client.get(), address) : errno; error != 0) {
    done.reason = std::strerror(error);
    return done;
  }
  const std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  send(client.get(), request.data(), request.size(), MSG_NOSIGNAL);
  done.reason = ReadAnswer(client.get(), tls, timeout);
  done.outcome = done.reason.empty() ? Outcome::kAnswered : Outcome::kUnanswered;
  return done;
}

}  // namespace conntrack::exporter::web
