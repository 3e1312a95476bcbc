// A server on the loopback interface that says what a test wants it to say.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "kernel/unique_fd.h"

namespace conntrack::test {

/// Takes one connection and gives it to `serve` in a thread of its own. Without `serve` it listens,
/// and never answers.
class TcpServer {
 public:
  using Serve = std::function<void(int socket)>;

  explicit TcpServer(Serve serve = {})
      : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_.get(), generic, size) != 0 || ::listen(listener_.get(), 1) != 0 ||
        ::getsockname(listener_.get(), generic, &size) != 0) {
      throw std::runtime_error("no server on the loopback interface");
    }
    port_ = ::ntohs(address.sin_port);
    if (!serve) return;
    thread_ = std::jthread([this, serve = std::move(serve)] {
      const kernel::UniqueFd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (socket) serve(socket.get());
    });
  }
  TcpServer(const TcpServer&) = delete;
  TcpServer& operator=(const TcpServer&) = delete;
  ~TcpServer() { ::shutdown(listener_.get(), SHUT_RDWR); }  // ends an accept() that nobody answered

  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  kernel::UniqueFd listener_;
  std::uint16_t port_ = 0;
  std::jthread thread_;
};

}  // namespace conntrack::test
