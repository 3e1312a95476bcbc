// An EventSocket that delivers what a test says.
#pragma once

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "kernel/netlink/netlink_socket.h"
#include "tests/support/message_builder.h"

namespace conntrack::test {

/// What the kernel has to say: datagrams that come together, and errnos between them. Any number of
/// threads.
class EventScript {
 public:
  static constexpr std::size_t kBuffer = 425'984;

  EventScript& Deliver(std::vector<ByteVector> datagrams) {
    return Push({std::move(datagrams), 0});
  }
  EventScript& FailWith(int code) { return Push({{}, code}); }
  void Lost(std::optional<std::uint32_t> lost) {
    const std::lock_guard lock(mutex_);
    lost_ = lost;
  }

  /// Waits until all of it has been received.
  void WaitUntilReceived() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return steps_.empty(); });
  }

 private:
  friend class FakeEventSocket;
  struct Step {
    std::vector<ByteVector> datagrams;
    int error = 0;
  };

  EventScript& Push(Step step) {
    const std::lock_guard lock(mutex_);
    steps_.push_back(std::move(step));
    changed_.notify_all();
    return *this;
  }

  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<Step> steps_;
  std::optional<std::uint32_t> lost_ = 0;
};

class FakeEventSocket final : public kernel::EventSocket {
 public:
  explicit FakeEventSocket(std::shared_ptr<EventScript> script) : script_(std::move(script)) {}

  void Wait() override {
    std::unique_lock lock(script_->mutex_);
    script_->changed_.wait(lock, [this] { return woken_ || !script_->steps_.empty(); });
  }

  void Wake() override {
    const std::lock_guard lock(script_->mutex_);
    woken_ = true;
    script_->changed_.notify_all();
  }

  Result<std::span<const kernel::Bytes>> Receive() override {
    const std::lock_guard lock(script_->mutex_);
    received_.clear();
    step_ = {};
    if (script_->steps_.empty()) return std::span<const kernel::Bytes>{};
    step_ = std::move(script_->steps_.front());
    script_->steps_.pop_front();
    script_->changed_.notify_all();
    if (step_.error != 0) return Fail(ErrorFromErrno(step_.error, "receiving from a script"));
    for (const auto& datagram : step_.datagrams) received_.emplace_back(datagram);
    return std::span<const kernel::Bytes>(received_);
  }

  std::optional<std::uint32_t> lost() const override {
    const std::lock_guard lock(script_->mutex_);
    return script_->lost_;
  }

  std::size_t buffer_bytes() const override { return EventScript::kBuffer; }

 private:
  std::shared_ptr<EventScript> script_;
  bool woken_ = false;  // guarded by the script's mutex
  EventScript::Step step_;
  std::vector<kernel::Bytes> received_;
};

/// Opens ports that deliver from one script.
inline kernel::EventSocketFactory OpenFakeEvents(std::shared_ptr<EventScript> script) {
  return [script = std::move(script)](std::size_t) -> Result<std::unique_ptr<kernel::EventSocket>> {
    return std::make_unique<FakeEventSocket>(script);
  };
}

/// A kernel that lets nobody listen, as it does without CAP_NET_ADMIN.
inline kernel::EventSocketFactory RefusingEvents() {
  return [](std::size_t) -> Result<std::unique_ptr<kernel::EventSocket>> {
    return Fail(ErrorFromErrno(EPERM, "joining a script"));
  };
}

}  // namespace conntrack::test
