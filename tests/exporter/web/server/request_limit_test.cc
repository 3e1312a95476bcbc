#include "exporter/web/server/request_limit.h"

#include <gmock/gmock.h>

#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

namespace conntrack::exporter::web {
namespace {

TEST(ClientKey, Ipv4AddressIsItself) {
  EXPECT_EQ(ClientKey("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(ClientKey("::ffff:192.0.2.7"), "192.0.2.7");
}

TEST(ClientKey, Ipv6AddressIsItsNetwork) {
  EXPECT_EQ(ClientKey("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(ClientKey("2001:db8:1:2::ffff"), ClientKey("2001:db8:1:2:aaaa::1"));
  EXPECT_NE(ClientKey("2001:db8:1:2::1"), ClientKey("2001:db8:1:3::1"));
  EXPECT_EQ(ClientKey("fe80::1%eth0"), "fe80::/64");
}

TEST(ClientKey, WhatIsNoAddressStaysAsItIs) {
  EXPECT_EQ(ClientKey(""), "");
  EXPECT_EQ(ClientKey("nonsense%x"), "nonsense%x");
}

TEST(PerClientLimit, AreTakenAndReturned) {
  PerClientLimit limit(2, 0);
  auto first = limit.TryAcquire("a");
  {
    const auto second = limit.TryAcquire("a");
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(limit.TryAcquire("a"));
    EXPECT_FALSE(limit.TryAcquire("b"));
  }
  EXPECT_TRUE(limit.TryAcquire("b"));
}

TEST(PerClientLimit, OneClientDoesNotGetReservedPermits) {
  PerClientLimit limit(4, 1);
  std::vector<PerClientLimit::Permit> greedy;
  while (auto permit = limit.TryAcquire("greedy")) greedy.push_back(std::move(permit));
  EXPECT_EQ(greedy.size(), 3u);
  const auto other = limit.TryAcquire("other");
  EXPECT_TRUE(other);
  EXPECT_FALSE(limit.TryAcquire("third"));
  greedy.pop_back();
  EXPECT_TRUE(limit.TryAcquire("third"));
}

TEST(PerClientLimit, NumberOfZeroIsNoLimit) {
  PerClientLimit limit(0, 0);
  std::vector<PerClientLimit::Permit> held;
  for (int i = 0; i < 1000; ++i) held.push_back(limit.TryAcquire("a"));
  for (const auto& permit : held) EXPECT_TRUE(permit);
}

using testing::Each;

HttpResponse Quick(const HttpRequest&) { return PlainText(200, "quick"); }

// Holds requests inside a handler until told to let them go.
struct Gate {
  explicit Gate(int expected) : entered(expected), released(1) {}
  std::latch entered, released;

  HttpResponse operator()(const HttpRequest&) {
    entered.count_down();
    released.wait();
    return PlainText(200, "held");
  }
};

TEST(RequestLimit, RequestsAboveItAre503UntilOneEndsForAllHandlersTogether) {
  constexpr int kLimit = 3;
  Gate gate(kLimit);
  RequestLimit limit(kLimit);
  const auto held = limit.Guard([&gate](const auto& request) { return gate(request); });
  const auto other = limit.Guard(Quick);
  std::vector<int> statuses(kLimit);
  std::vector<std::jthread> clients;
  for (int& status : statuses) clients.emplace_back([&] { status = held({}).status; });
  gate.entered.wait();  // so they run at the same time: one after the other would never get here
  const auto refused = other({});
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "Limit of concurrent requests reached (3), try again later.\n");
  gate.released.count_down();
  clients.clear();
  EXPECT_THAT(statuses, Each(200));
  EXPECT_EQ(other({}).status, 200);
}

TEST(RequestLimit, ZeroIsNone) {
  constexpr int kMany = 50;
  Gate gate(kMany);
  RequestLimit limit(0);
  const auto held = limit.Guard([&gate](const auto& request) { return gate(request); });
  std::vector<std::jthread> clients;
  for (int i = 0; i < kMany; ++i) clients.emplace_back([&] { EXPECT_EQ(held({}).status, 200); });
  gate.entered.wait();
  gate.released.count_down();
}

TEST(RequestLimit, AThrowingHandlerDoesNotLeakItsSlot) {
  RequestLimit limit(1);
  const auto throws =
      limit.Guard([](const auto&) -> HttpResponse { throw std::runtime_error("x"); });
  EXPECT_THROW(static_cast<void>(throws({})), std::runtime_error);
  EXPECT_THROW(static_cast<void>(throws({})), std::runtime_error);
}

}  // namespace
}  // namespace conntrack::exporter::web
