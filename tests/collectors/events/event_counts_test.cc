#include "collectors/events/event_counts.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace conntrack {
namespace {

using kernel::FlowEvent;
using kernel::FlowEventKind;

constexpr std::uint64_t kSecond = 1'000'000'000;
constexpr std::size_t kTcp = 0;
constexpr std::size_t kUdp = 1;
constexpr std::size_t kOther = 2;

FlowEvent Lived(std::uint8_t protocol, std::uint64_t nanoseconds) {
  return {FlowEventKind::kDestroy, protocol, kSecond, kSecond + nanoseconds};
}

TEST(EventCounts, KindsAndProtocolsAreApart) {
  EventCounts counts;
  counts.Add({FlowEventKind::kNew, IPPROTO_TCP, {}, {}}, 0);
  counts.Add({FlowEventKind::kNew, IPPROTO_TCP, {}, {}}, 0);
  counts.Add({FlowEventKind::kDestroy, 255, {}, {}}, 0);
  EXPECT_EQ(counts.Of(FlowEventKind::kNew, IPPROTO_TCP), 2U);
  EXPECT_EQ(counts.Of(FlowEventKind::kUpdate, IPPROTO_TCP), 0U);
  EXPECT_EQ(counts.Of(FlowEventKind::kDestroy, 255), 1U);
  EXPECT_EQ(counts.Of(FlowEventKind::kDestroy, 0), 0U);
}

TEST(EventCounts, ALifetimeFallsIntoTheFirstBucketThatIsNotBelowIt) {
  EventCounts counts;
  counts.Add(Lived(IPPROTO_TCP, 0), 0);
  counts.Add(Lived(IPPROTO_TCP, kSecond / 100), 0);
  counts.Add(Lived(IPPROTO_TCP, kSecond / 100 + 1), 0);
  counts.Add(Lived(IPPROTO_TCP, 432'000 * kSecond), 0);
  counts.Add(Lived(IPPROTO_TCP, 432'001 * kSecond), 0);
  const auto& tcp = counts.lifetimes(kTcp);
  EXPECT_EQ(tcp.flows.front(), 2U);
  EXPECT_EQ(tcp.flows[1], 1U);
  EXPECT_EQ(tcp.flows[EventCounts::kLifetimeBounds.size() - 1], 1U);
  EXPECT_EQ(tcp.flows.back(), 1U);
  EXPECT_EQ(tcp.count(), 5U);
  EXPECT_NEAR(tcp.seconds, 864'001.02, 1e-3);
}

TEST(EventCounts, LifetimesOfUdpAndOfAllOthersAreApart) {
  EventCounts counts;
  counts.Add(Lived(IPPROTO_UDP, 1), 0);
  counts.Add(Lived(IPPROTO_ICMP, 1), 0);
  counts.Add(Lived(200, 1), 0);
  EXPECT_EQ(counts.lifetimes(kTcp).count(), 0U);
  EXPECT_EQ(counts.lifetimes(kUdp).count(), 1U);
  EXPECT_EQ(counts.lifetimes(kOther).count(), 2U);
}

TEST(EventCounts, WithoutAnEndALifetimeLastsUntilItIsHeardOf) {
  EventCounts counts;
  counts.Add({FlowEventKind::kDestroy, IPPROTO_TCP, kSecond, {}}, 3 * kSecond);
  EXPECT_DOUBLE_EQ(counts.lifetimes(kTcp).seconds, 2);
}

TEST(EventCounts, AClockThatWasSetBackMakesNoNegativeLifetime) {
  EventCounts counts;
  counts.Add({FlowEventKind::kDestroy, IPPROTO_TCP, 5 * kSecond, 2 * kSecond}, 0);
  EXPECT_EQ(counts.lifetimes(kTcp).flows.front(), 1U);
  EXPECT_EQ(counts.lifetimes(kTcp).seconds, 0);
}

TEST(EventCounts, OnlyDestroyedFlowsWithATimestampHaveALifetime) {
  EventCounts counts;
  counts.Add({FlowEventKind::kNew, IPPROTO_TCP, kSecond, {}}, 2 * kSecond);
  counts.Add({FlowEventKind::kUpdate, IPPROTO_TCP, kSecond, {}}, 2 * kSecond);
  counts.Add({FlowEventKind::kDestroy, IPPROTO_TCP, {}, {}}, 2 * kSecond);
  EXPECT_EQ(counts.lifetimes(kTcp).count(), 0U);
}

}  // namespace
}  // namespace conntrack
