#include "exporter/web/server/connection_slots.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {
namespace {

using namespace std::chrono_literals;
using Phase = ConnectionSlots::Phase;

// The sockets that a server would have, each named by a port of its client.
class Sockets {
 public:
  /// Yields the client's end.
  kernel::UniqueFd Connect(const Peer& client) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    const std::scoped_lock lock(mutex_);
    sockets_.try_emplace(client, ends[0]);
    return kernel::UniqueFd(ends[1]);
  }
  void Close(const Peer& client) {
    const std::scoped_lock lock(mutex_);
    sockets_.erase(client);
  }
  int SocketOf(const Peer& client) {
    const std::scoped_lock lock(mutex_);
    return sockets_.at(client).get();
  }
  ServerLoad Probe() {
    const std::scoped_lock lock(mutex_);
    ServerLoad load{backlog, {}};
    for (const auto& [client, socket] : sockets_)
      load.connections.push_back({socket.get(), client});
    return load;
  }

  std::size_t backlog = 0;

 private:
  std::mutex mutex_;
  std::map<Peer, kernel::UniqueFd> sockets_;
};

// A connection with a slot; releases it when it goes.
class TestConnection {
 public:
  TestConnection(ConnectionSlots& slots, Sockets& sockets, const std::string& address,
                 bool sends = false)
      : slots_(slots), sockets_(sockets), client_{address, NextPort()} {
    client_end_ = sockets_.Connect(client_);
    if (sends) ClientSends();
    has_slot_ = slots_.Acquire();
  }
  TestConnection(const TestConnection&) = delete;
  TestConnection& operator=(const TestConnection&) = delete;
  ~TestConnection() { Close(); }

  [[nodiscard]] bool has_slot() const { return has_slot_; }
  [[nodiscard]] bool evicted() const { return slots_.WasEvicted(client_); }
  void SetPhase(Phase phase) { slots_.SetPhase(client_, phase); }
  void ClientSends() const { EXPECT_EQ(send(client_end_.get(), "x", 1, 0), 1); }
  /// Until there is no room for more of the answer.
  void ServerFills() {
    const std::array<char, 4096> piece{};
    const int socket = sockets_.SocketOf(client_);
    while (send(socket, piece.data(), piece.size(), MSG_DONTWAIT) > 0) continue;
  }
  /// As the thread that serves it would: waits until the socket is shut down, then leaves.
  void ServeUntilEvicted() {
    char byte = 0;
    while (recv(sockets_.SocketOf(client_), &byte, 1, 0) > 0) continue;
    EXPECT_TRUE(evicted());
    Close();
  }

 private:
  static std::uint16_t NextPort() {
    static std::atomic<std::uint16_t> port = 1;
    return port++;
  }
  void Close() {
    if (!std::exchange(present_, false)) return;
    slots_.Release(&client_);
    const std::scoped_lock lock(slots_.close_mutex());
    sockets_.Close(client_);
  }

  ConnectionSlots& slots_;
  Sockets& sockets_;
  const Peer client_;
  kernel::UniqueFd client_end_;
  bool has_slot_ = false;
  bool present_ = true;
};

class ConnectionSlotsTest : public testing::Test {
 protected:
  // Has this many slots.
  ConnectionSlots Make(std::size_t number) {
    return ConnectionSlots(number, [this] { return sockets_.Probe(); });
  }
  // One more connection, whose request has arrived; yields it when it has a slot.
  std::future<std::unique_ptr<TestConnection>> ConnectNext(ConnectionSlots& slots,
                                                           const std::string& address) {
    return std::async(std::launch::async, [this, &slots, address] {
      return std::make_unique<TestConnection>(slots, sockets_, address, true);
    });
  }
  Sockets sockets_;
};

TEST_F(ConnectionSlotsTest, NothingIsEvictedWhileSlotsAreFree) {
  ConnectionSlots slots = Make(2);
  const TestConnection first(slots, sockets_, "a"), second(slots, sockets_, "a");
  EXPECT_FALSE(slots.Contended());
  EXPECT_EQ(slots.evictions(), 0u);
}

TEST_F(ConnectionSlotsTest, LongestIdleIsEvictedForTheNext) {
  ConnectionSlots slots = Make(2);
  TestConnection first(slots, sockets_, "a");
  const TestConnection second(slots, sockets_, "a");
  auto third = ConnectNext(slots, "a");
  first.ServeUntilEvicted();
  EXPECT_TRUE(third.get()->has_slot());
  EXPECT_FALSE(second.evicted());
  EXPECT_EQ(slots.evictions(), 1u);
}

TEST_F(ConnectionSlotsTest, ConnectionStaysWhileItIsHandledOrThereIsRoomForItsAnswer) {
  for (const Phase phase : {Phase::kHandling, Phase::kWriting}) {
    ConnectionSlots slots = Make(2);
    TestConnection worked(slots, sockets_, "a");
    worked.SetPhase(phase);
    TestConnection idle(slots, sockets_, "a");
    auto third = ConnectNext(slots, "a");
    idle.ServeUntilEvicted();
    EXPECT_TRUE(third.get()->has_slot());
    EXPECT_FALSE(worked.evicted());
  }
}

TEST_F(ConnectionSlotsTest, ClientThatDoesNotTakeTheAnswerIsEvicted) {
  ConnectionSlots slots = Make(2);
  TestConnection worked(slots, sockets_, "a"), stalled(slots, sockets_, "a");
  worked.SetPhase(Phase::kHandling);
  stalled.ClientSends();  // pipelined requests do not keep the place
  stalled.ServerFills();
  stalled.SetPhase(Phase::kWriting);
  auto third = ConnectNext(slots, "a");
  stalled.ServeUntilEvicted();
  EXPECT_TRUE(third.get()->has_slot());
}

TEST_F(ConnectionSlotsTest, ConnectionWithUnreadBytesIsNotIdle) {
  ConnectionSlots slots = Make(2);
  const TestConnection sent(slots, sockets_, "a");
  sent.ClientSends();
  TestConnection silent(slots, sockets_, "a");
  auto third = ConnectNext(slots, "a");
  silent.ServeUntilEvicted();
  EXPECT_TRUE(third.get()->has_slot());
  EXPECT_FALSE(sent.evicted());
}

TEST_F(ConnectionSlotsTest, ClientWithMostConnectionsIsEvictedFirst) {
  ConnectionSlots slots = Make(3);
  const TestConnection lone(slots, sockets_, "prometheus");
  TestConnection attacker(slots, sockets_, "attacker");
  const TestConnection another(slots, sockets_, "attacker");
  auto next = ConnectNext(slots, "attacker");
  attacker.ServeUntilEvicted();
  EXPECT_TRUE(next.get()->has_slot());
  EXPECT_FALSE(lone.evicted());
}

TEST_F(ConnectionSlotsTest, LongBacklogEvictsManyAtOnce) {
  sockets_.backlog = 1000;
  ConnectionSlots slots = Make(3);
  const TestConnection first(slots, sockets_, "a"), second(slots, sockets_, "a"),
      third(slots, sockets_, "a");
  auto next = ConnectNext(slots, "a");
  while (slots.evictions() < 3) std::this_thread::sleep_for(1ms);
  slots.Stop();
  EXPECT_FALSE(next.get()->has_slot());
}

TEST_F(ConnectionSlotsTest, ContendedWhileAConnectionWaits) {
  ConnectionSlots slots = Make(1);
  TestConnection busy(slots, sockets_, "a");
  busy.SetPhase(Phase::kHandling);
  auto next = ConnectNext(slots, "b");
  while (!slots.Contended()) std::this_thread::sleep_for(1ms);
  busy.SetPhase(Phase::kReading);
  busy.ServeUntilEvicted();
  EXPECT_TRUE(next.get()->has_slot());
  EXPECT_FALSE(slots.Contended());
}

TEST_F(ConnectionSlotsTest, NothingWaitsAfterStop) {
  ConnectionSlots slots = Make(1);
  TestConnection busy(slots, sockets_, "a");
  busy.SetPhase(Phase::kHandling);
  auto next = ConnectNext(slots, "b");
  slots.Stop();
  EXPECT_FALSE(next.get()->has_slot());
  EXPECT_FALSE(TestConnection(slots, sockets_, "c").has_slot());
}

TEST(ConnectionSlots, IdleLimitIsShortWhereTheBacklogIsLong) {
  EXPECT_EQ(IdleLimit(0, 47), ConnectionSlots::kMaxIdle);
  EXPECT_EQ(IdleLimit(20, 47), ConnectionSlots::kMaxIdle);
  EXPECT_EQ(IdleLimit(470, 47), 50ms);
  EXPECT_EQ(IdleLimit(1'000'000, 47), ConnectionSlots::kMinIdle);
}

}  // namespace
}  // namespace conntrack::exporter::web
