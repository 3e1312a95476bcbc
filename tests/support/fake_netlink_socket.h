// A NetlinkSocket that answers from a script.
#pragma once

#include <cerrno>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "kernel/netlink/netlink_socket.h"
#include "tests/support/message_builder.h"

namespace conntrack::test {

inline constexpr std::uint32_t kPort = 4242;

/// The answer to one request: datagrams, or an errno that the receive fails with, in order.
struct Answer {
  std::deque<ByteVector> datagrams;
  std::optional<int> error_after;
};

/// What a kernel in a script would do: makes the answer to a request.
using FakeKernel = std::function<Answer(const kernel::CtnetlinkRequest&)>;

class FakeNetlinkSocket final : public kernel::NetlinkSocket {
 public:
  explicit FakeNetlinkSocket(FakeKernel answer) : kernel_(std::move(answer)) {}

  Result<void> Send(const kernel::CtnetlinkRequest& request) override {
    answer_ = kernel_(request);
    return {};
  }

  Result<std::span<const std::byte>> Receive(std::span<std::byte> buffer) override {
    if (answer_.datagrams.empty()) {
      return Fail(ErrorFromErrno(answer_.error_after.value_or(EAGAIN), "receiving from a script"));
    }
    const auto datagram = std::move(answer_.datagrams.front());
    answer_.datagrams.pop_front();
    std::memcpy(buffer.data(), datagram.data(), datagram.size());
    return buffer.first(datagram.size());
  }

  std::uint32_t port_id() const override { return kPort; }

 private:
  FakeKernel kernel_;
  Answer answer_;
};

/// Opens ports that all answer from the same script.
inline kernel::NetlinkSocketFactory OpenFake(FakeKernel answer) {
  return [answer = std::move(answer)]() -> Result<std::unique_ptr<kernel::NetlinkSocket>> {
    return std::make_unique<FakeNetlinkSocket>(answer);
  };
}

/// A kernel that refuses everything, as it does without CAP_NET_ADMIN.
inline kernel::NetlinkSocketFactory RefusingKernel() {
  return OpenFake([](const kernel::CtnetlinkRequest& request) {
    return Answer{{DatagramBuilder(kPort, request.sequence()).Error(-EPERM).bytes()}, {}};
  });
}

}  // namespace conntrack::test
