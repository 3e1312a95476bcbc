#include "collectors/events/event_listener.h"

#include <gmock/gmock.h>
#include <netinet/in.h>

#include <atomic>

#include "tests/support/fake_event_socket.h"

namespace conntrack {
namespace {

using kernel::FlowEvent;
using kernel::FlowEventKind;
using test::EventDatagram;
using test::EventScript;
using testing::HasSubstr;
using testing::Optional;

constexpr std::size_t kRoom = 65536;

class EventListenerTest : public testing::Test {
 protected:
  static test::ByteVector NewTcp() { return EventDatagram({.kind = FlowEventKind::kNew}); }
  static std::uint64_t NewOnes(const EventTotals& totals) {
    return totals.counts.Of(FlowEventKind::kNew, IPPROTO_TCP);
  }

  std::shared_ptr<EventScript> script_ = std::make_shared<EventScript>();
};

TEST_F(EventListenerTest, TotalsKnowOfAllThatCameBefore) {
  EventListener listener(test::OpenFakeEvents(script_), kRoom);
  EXPECT_EQ(NewOnes(listener.Totals().value()), 0U);
  for (std::uint64_t sum = 2; sum <= 20; sum += 2) {
    script_->Deliver({NewTcp(), NewTcp()});
    EXPECT_EQ(NewOnes(listener.Totals().value()), sum);
  }
  EXPECT_EQ(listener.Totals()->buffer_bytes, EventScript::kBuffer);
}

TEST_F(EventListenerTest, ReceivesWhenNobodyAsks) {
  EventListener listener(test::OpenFakeEvents(script_), kRoom);
  for (int i = 0; i < 5; ++i) {
    script_->Deliver({NewTcp()});
    script_->WaitUntilReceived();
  }
  EXPECT_EQ(NewOnes(listener.Totals().value()), 5U);
}

TEST_F(EventListenerTest, AnOverrunIsCountedAndSurvived) {
  script_->Deliver({NewTcp()}).FailWith(ENOBUFS).Deliver({NewTcp()}).FailWith(ENOBUFS);
  script_->Lost(700);
  EventListener listener(test::OpenFakeEvents(script_), kRoom);
  const auto totals = listener.Totals();
  ASSERT_TRUE(totals.has_value());
  EXPECT_EQ(NewOnes(*totals), 2U);
  EXPECT_EQ(totals->overruns, 2U);
  EXPECT_THAT(totals->lost, Optional(700U));
  script_->Deliver({NewTcp()});
  EXPECT_EQ(NewOnes(listener.Totals().value()), 3U);
}

TEST_F(EventListenerTest, TheKernelsCountOfLostEventsMayWrap) {
  EventListener listener(test::OpenFakeEvents(script_), kRoom);
  script_->Lost(0xFFFF'FFF0);
  EXPECT_THAT(listener.Totals()->lost, Optional(0xFFFF'FFF0U));
  script_->Lost(0x10);
  EXPECT_THAT(listener.Totals()->lost, Optional(0x1'0000'0010U));
}

TEST_F(EventListenerTest, LostIsAbsentWhereTheKernelDoesNotTell) {
  script_->Lost({});
  EventListener listener(test::OpenFakeEvents(script_), kRoom);
  EXPECT_FALSE(listener.Totals()->lost.has_value());
}

TEST_F(EventListenerTest, MessagesThatAreNoEventsAreCounted) {
  auto cut_off = NewTcp();
  cut_off.pop_back();
  script_->Deliver({cut_off, test::DatagramBuilder(0, 0).Error(-EIO).bytes(), {}, NewTcp()});
  EventListener listener(test::OpenFakeEvents(script_), kRoom);
  const auto totals = listener.Totals();
  EXPECT_EQ(totals->skipped, 2U);
  EXPECT_EQ(NewOnes(*totals), 1U);
}

TEST_F(EventListenerTest, ARefusalIsTriedAgainAtTheNextQuestion) {
  std::atomic<int> opens{0};
  EventListener listener(
      [&](std::size_t room) -> Result<std::unique_ptr<kernel::EventSocket>> {
        EXPECT_EQ(room, kRoom);
        if (++opens <= 2) return Fail(ErrorFromErrno(EPERM, "joining"));  // at first, and once more
        return std::make_unique<test::FakeEventSocket>(script_);
      },
      kRoom);
  EXPECT_EQ(listener.Totals().error().kind, ErrorKind::kDenied);
  EXPECT_TRUE(listener.Totals().has_value());
  script_->Deliver({NewTcp()});
  script_->WaitUntilReceived();
  EXPECT_EQ(NewOnes(listener.Totals().value()), 1U);
  EXPECT_EQ(opens, 3);
}

TEST_F(EventListenerTest, AFailureIsToldOnceThenAnotherPortIsOpenedAndCountsGoOn) {
  std::atomic<int> opens{0};
  EventListener listener(
      [&](std::size_t) -> Result<std::unique_ptr<kernel::EventSocket>> {
        ++opens;
        return std::make_unique<test::FakeEventSocket>(script_);
      },
      kRoom);
  script_->Lost(5);
  script_->Deliver({NewTcp()}).FailWith(EIO);
  script_->WaitUntilReceived();  // by the thread, or else by Totals()
  EXPECT_THAT(listener.Totals().error().message, HasSubstr("receiving from a script"));
  script_->Lost(2);  // the new port counts from nothing
  script_->Deliver({NewTcp()});
  const auto totals = listener.Totals();
  ASSERT_TRUE(totals.has_value());
  EXPECT_EQ(NewOnes(*totals), 2U);
  EXPECT_THAT(totals->lost, Optional(7U));
  EXPECT_EQ(opens, 2);
}

TEST_F(EventListenerTest, EndsWhileTheKernelIsSilent) {
  { const EventListener listener(test::OpenFakeEvents(script_), kRoom); }
  { const EventListener listener(test::RefusingEvents(), kRoom); }
  SUCCEED();
}

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
