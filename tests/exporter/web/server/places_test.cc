#include "exporter/web/server/places.h"

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
using Turn = Places::Turn;

// The sockets that a server would have, each named by a port of its client.
class Sockets {
 public:
  /// Yields the client's end.
  kernel::UniqueFd Connect(const Client& client) {
    std::array<int, 2> ends{};
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    const std::scoped_lock lock(mutex_);
    open_.try_emplace(client, ends[0]);
    return kernel::UniqueFd(ends[1]);
  }
  void Close(const Client& client) {
    const std::scoped_lock lock(mutex_);
    open_.erase(client);
  }
  int SocketOf(const Client& client) {
    const std::scoped_lock lock(mutex_);
    return open_.at(client).get();
  }
  Crowd Look() {
    const std::scoped_lock lock(mutex_);
    Crowd crowd{line, {}};
    for (const auto& [client, socket] : open_) crowd.connections.push_back({socket.get(), client});
    return crowd;
  }

  std::size_t line = 0;

 private:
  std::mutex mutex_;
  std::map<Client, kernel::UniqueFd> open_;
};

// A connection in a place; leaves it when it goes.
class Guest {
 public:
  Guest(Places& places, Sockets& sockets, const std::string& source, bool sends = false)
      : places_(places), sockets_(sockets), client_{source, NextPort()} {
    client_end_ = sockets_.Connect(client_);
    if (sends) ClientSends();
    in_ = places_.Take();
  }
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;
  ~Guest() { Leave(); }

  [[nodiscard]] bool in() const { return in_; }
  [[nodiscard]] bool cut() const { return places_.WasCut(client_); }
  void Give(Turn turn) { places_.Give(client_, turn); }
  void ClientSends() const { EXPECT_EQ(send(client_end_.get(), "x", 1, 0), 1); }
  /// As the thread that serves it would: waits until the socket is shut down, then leaves.
  void ServeUntilCut() {
    char byte = 0;
    while (recv(sockets_.SocketOf(client_), &byte, 1, 0) > 0) continue;
    EXPECT_TRUE(cut());
    Leave();
  }

 private:
  static std::uint16_t NextPort() {
    static std::atomic<std::uint16_t> port = 1;
    return port++;
  }
  void Leave() {
    if (!std::exchange(present_, false)) return;
    places_.Leave(&client_);
    const std::scoped_lock lock(places_.closing());
    sockets_.Close(client_);
  }

  Places& places_;
  Sockets& sockets_;
  const Client client_;
  kernel::UniqueFd client_end_;
  bool in_ = false;
  bool present_ = true;
};

class PlacesTest : public testing::Test {
 protected:
  // Has this many places.
  Places Make(std::size_t number) {
    return Places(number, [this] { return sockets_.Look(); });
  }
  // Lets one more in, which has sent its request, behind those that are there; yields it when it is
  // in.
  std::future<std::unique_ptr<Guest>> Knock(Places& places, const std::string& source) {
    return std::async(std::launch::async, [this, &places, source] {
      return std::make_unique<Guest>(places, sockets_, source, true);
    });
  }
  Sockets sockets_;
};

TEST_F(PlacesTest, NobodyIsCutWhileThereIsRoom) {
  Places places = Make(2);
  const Guest first(places, sockets_, "a"), second(places, sockets_, "a");
  EXPECT_FALSE(places.Crowded());
  EXPECT_EQ(places.cut(), 0u);
}

TEST_F(PlacesTest, LongestWaitingGivesWayToWhoComes) {
  Places places = Make(2);
  Guest first(places, sockets_, "a");
  const Guest second(places, sockets_, "a");
  auto third = Knock(places, "a");
  first.ServeUntilCut();
  EXPECT_TRUE(third.get()->in());
  EXPECT_FALSE(second.cut());
  EXPECT_EQ(places.cut(), 1u);
}

TEST_F(PlacesTest, WhoeverIsWorkedForStays) {
  Places places = Make(2);
  Guest worked(places, sockets_, "a");
  worked.Give(Turn::kServer);
  Guest idle(places, sockets_, "a");
  auto third = Knock(places, "a");
  idle.ServeUntilCut();
  EXPECT_TRUE(third.get()->in());
  EXPECT_FALSE(worked.cut());
}

TEST_F(PlacesTest, WhoeverDoesNotTakeTheAnswerGivesWay) {
  Places places = Make(2);
  Guest worked(places, sockets_, "a"), stalled(places, sockets_, "a");
  worked.Give(Turn::kServer);
  stalled.ClientSends();  // pipelined requests do not keep the place
  stalled.Give(Turn::kAnswer);
  auto third = Knock(places, "a");
  stalled.ServeUntilCut();
  EXPECT_TRUE(third.get()->in());
}

TEST_F(PlacesTest, WhatHasArrivedAndIsNotReadIsNotTheClientsFault) {
  Places places = Make(2);
  const Guest sent(places, sockets_, "a");
  sent.ClientSends();
  Guest silent(places, sockets_, "a");
  auto third = Knock(places, "a");
  silent.ServeUntilCut();
  EXPECT_TRUE(third.get()->in());
  EXPECT_FALSE(sent.cut());
}

TEST_F(PlacesTest, SourceWithMostPlacesGivesWayFirst) {
  Places places = Make(3);
  const Guest lone(places, sockets_, "prometheus");
  Guest attacker(places, sockets_, "attacker");
  const Guest another(places, sockets_, "attacker");
  auto next = Knock(places, "attacker");
  attacker.ServeUntilCut();
  EXPECT_TRUE(next.get()->in());
  EXPECT_FALSE(lone.cut());
}

TEST_F(PlacesTest, LongLineCutsManyAtOnce) {
  sockets_.line = 1000;
  Places places = Make(3);
  const Guest first(places, sockets_, "a"), second(places, sockets_, "a"),
      third(places, sockets_, "a");
  auto next = Knock(places, "a");
  while (places.cut() < 3) std::this_thread::sleep_for(1ms);
  places.Open();
  EXPECT_FALSE(next.get()->in());
}

TEST_F(PlacesTest, CrowdedWhileSomebodyWaits) {
  Places places = Make(1);
  Guest busy(places, sockets_, "a");
  busy.Give(Turn::kServer);
  auto next = Knock(places, "b");
  while (!places.Crowded()) std::this_thread::sleep_for(1ms);
  busy.Give(Turn::kRequest);
  busy.ServeUntilCut();
  EXPECT_TRUE(next.get()->in());
  EXPECT_FALSE(places.Crowded());
}

TEST_F(PlacesTest, NobodyWaitsAfterTheEnd) {
  Places places = Make(1);
  Guest busy(places, sockets_, "a");
  busy.Give(Turn::kServer);
  auto next = Knock(places, "b");
  places.Open();
  EXPECT_FALSE(next.get()->in());
  EXPECT_FALSE(Guest(places, sockets_, "c").in());
}

TEST(Places, PatienceIsShortWhereTheLineIsLong) {
  EXPECT_EQ(PatienceFor(0, 47), Places::kLongestPatience);
  EXPECT_EQ(PatienceFor(20, 47), Places::kLongestPatience);
  EXPECT_EQ(PatienceFor(470, 47), 50ms);
  EXPECT_EQ(PatienceFor(1'000'000, 47), Places::kShortestPatience);
}

}  // namespace
}  // namespace conntrack::exporter::web
