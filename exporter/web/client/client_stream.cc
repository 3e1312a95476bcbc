#include "exporter/web/client/client_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <utility>

#include "exporter/web/client/tcp_connect.h"
#include "exporter/web/client/tls_client.h"

namespace conntrack::exporter::web {
namespace {

using kernel::UniqueFd;

class PlainStream : public ClientStream {
 public:
  explicit PlainStream(UniqueFd socket) : socket_(std::move(socket)) {}

  Result<void> Send(std::string_view text, Deadline deadline) override {
    while (!text.empty()) {
      auto ready = WaitFor(socket_, POLLOUT, deadline, "asking");
      if (!ready) return ready;
      const auto sent = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (sent >= 0) {
        text.remove_prefix(static_cast<std::size_t>(sent));
      } else if (errno != EAGAIN && errno != EINTR) {
        return Fail(ErrorFromErrno(errno, "asking"));
      }
    }
    return {};
  }

  Result<std::size_t> Receive(std::span<char> buffer, Deadline deadline) override {
    while (true) {
      const auto ready = WaitFor(socket_, POLLIN, deadline, "waiting for the answer");
      if (!ready) return Fail(ready.error());
      const auto received = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
      if (received >= 0) return static_cast<std::size_t>(received);
      if (errno == EAGAIN || errno == EINTR) continue;
      return Fail(ErrorFromErrno(errno, "reading the answer"));
    }
  }

 private:
  const UniqueFd socket_;
};

}  // namespace

Result<std::unique_ptr<ClientStream>> OpenStream(const HttpUrl& url, Deadline deadline) {
  auto socket = ConnectTo(url, deadline);
  if (!socket) return Fail(socket.error());
  if (url.tls) return ShakeHands(std::move(*socket), deadline);
  return std::make_unique<PlainStream>(std::move(*socket));
}

}  // namespace conntrack::exporter::web
