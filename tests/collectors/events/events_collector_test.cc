#include "collectors/events/events_collector.h"

#include <gmock/gmock.h>
#include <netinet/in.h>

#include "tests/support/fake_event_socket.h"
#include "tests/support/families.h"
#include "tests/support/temp_tree.h"

namespace conntrack {
namespace {

using kernel::FlowEventKind;
using test::EventDatagram;
using test::EventScript;
using test::FindFamily;
using test::ValueOf;
using testing::HasSubstr;

constexpr std::uint64_t kOneSecond = 1'000'000'000;
constexpr const char* kLifetime = "conntrack_flow_lifetime_seconds";

class EventsCollectorTest : public testing::Test {
 protected:
  EventsCollectorTest() {
    tree_.Sysctl("nf_conntrack_events", "2").Sysctl("nf_conntrack_timestamp", "1");
  }

  Result<Collection> Collect() { return Collect(test::OpenFakeEvents(script_)); }
  Result<Collection> Collect(kernel::EventSocketFactory events) {
    const kernel::KernelFiles files(tree_.root());
    const KernelAccess access{files, files, files, {}, std::move(events)};
    return EventsCollector(access, 65536).Collect(test::Patient());
  }

  test::TempTree tree_;
  std::shared_ptr<EventScript> script_ = std::make_shared<EventScript>();
};

std::optional<double> Events(const Collection& collection, const char* event,
                             const char* protocol) {
  return ValueOf(collection.families, "conntrack_events_total",
                 {{"event", event}, {"protocol", protocol}});
}

TEST_F(EventsCollectorTest, TheCommonProtocolsAreThereFromTheStart) {
  const auto collection = Collect();
  ASSERT_TRUE(collection.has_value());
  for (const auto* protocol : {"tcp", "udp", "icmp", "icmpv6"}) {
    for (const auto* event : {"new", "update", "destroy"})
      EXPECT_EQ(Events(*collection, event, protocol), 0) << event << " " << protocol;
  }
  EXPECT_EQ(FindFamily(collection->families, "conntrack_events_total")->samples.size(), 12U);
  EXPECT_EQ(ValueOf(collection->families, "conntrack_events_receive_buffer_bytes"),
            EventScript::kBuffer);
  EXPECT_TRUE(collection->omissions.empty());
}

TEST_F(EventsCollectorTest, OthersAppearWithTheirFirstEvent) {
  script_->Deliver({EventDatagram({FlowEventKind::kUpdate, {.protocol = IPPROTO_SCTP}, {}, {}}),
                    EventDatagram({FlowEventKind::kNew, {.protocol = 253}, {}, {}})});
  const auto collection = Collect();
  EXPECT_EQ(Events(*collection, "update", "sctp"), 1);
  EXPECT_EQ(Events(*collection, "destroy", "sctp"), 0);
  EXPECT_EQ(Events(*collection, "new", "other"), 1);
  EXPECT_FALSE(Events(*collection, "new", "253"));
}

TEST_F(EventsCollectorTest, AScanOfAllProtocolsLeavesASeriesForWhatIsTrackedAndOneForTheRest) {
  std::vector<decltype(EventDatagram({}))> scan;
  for (int protocol = 0; protocol < 256; ++protocol) {
    scan.push_back(EventDatagram(
        {FlowEventKind::kNew, {.protocol = static_cast<std::uint8_t>(protocol)}, {}, {}}));
  }
  script_->Deliver(scan);
  const auto collection = Collect();
  const auto& samples = FindFamily(collection->families, "conntrack_events_total")->samples;
  EXPECT_EQ(samples.size(), (kernel::kTrackedProtocols + 1) * 3);
  EXPECT_EQ(Events(*collection, "new", "other"), 256 - kernel::kTrackedProtocols);
  double sum = 0;
  for (const auto& sample : samples) sum += sample.value;
  EXPECT_EQ(sum, 256);
}

TEST_F(EventsCollectorTest, LifetimesAreACumulativeHistogram) {
  const auto lived = [](std::uint8_t protocol, std::uint64_t seconds) {
    return EventDatagram(
        {FlowEventKind::kDestroy, {.protocol = protocol}, kOneSecond, (1 + seconds) * kOneSecond});
  };
  script_->Deliver({lived(IPPROTO_TCP, 3), lived(IPPROTO_TCP, 70), lived(IPPROTO_TCP, 500'000)});
  const auto collection = Collect();
  const auto* family = FindFamily(collection->families, kLifetime);
  ASSERT_NE(family, nullptr);
  EXPECT_EQ(family->type, MetricType::kHistogram);
  const auto& tcp = family->samples[0];
  EXPECT_EQ(tcp.labels, (std::vector<Label>{{"protocol", "tcp"}}));
  EXPECT_EQ(tcp.value, 3);
  EXPECT_EQ(tcp.sum, 500'073);
  ASSERT_EQ(tcp.buckets.size(), EventCounts::kLifetimeBounds.size());
  EXPECT_EQ(tcp.buckets[2], (Bucket{1, 0}));
  EXPECT_EQ(tcp.buckets[3], (Bucket{5, 1}));
  EXPECT_EQ(tcp.buckets[7], (Bucket{120, 2}));
  EXPECT_EQ(tcp.buckets.back(), (Bucket{432'000, 2}));
}

TEST_F(EventsCollectorTest, WithoutTimestampsLifetimesAreLeftOutAndNamed) {
  tree_.Sysctl("nf_conntrack_timestamp", "0");
  script_->Deliver({EventDatagram({.kind = FlowEventKind::kDestroy})});
  const auto collection = Collect();
  EXPECT_EQ(FindFamily(collection->families, kLifetime), nullptr);
  ASSERT_EQ(collection->omissions.size(), 1U);
  EXPECT_EQ(collection->omissions[0].part, kLifetime);
  EXPECT_THAT(collection->omissions[0].reason.message, HasSubstr("nf_conntrack_timestamp is 0"));
  EXPECT_EQ(Events(*collection, "destroy", "tcp"), 1);
}

TEST_F(EventsCollectorTest, LifetimesHeardBeforeTimestampsWereTurnedOffStay) {
  tree_.Sysctl("nf_conntrack_timestamp", "0");
  script_->Deliver({EventDatagram({.kind = FlowEventKind::kDestroy, .start = 1, .stop = 2})});
  const auto collection = Collect();
  EXPECT_NE(FindFamily(collection->families, kLifetime), nullptr);
}

TEST_F(EventsCollectorTest, EventsThatAreOffAreAnErrorAndNoZeros) {
  tree_.Sysctl("nf_conntrack_events", "0");
  const auto collection = Collect();
  ASSERT_FALSE(collection.has_value());
  EXPECT_EQ(collection.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(collection.error().message, HasSubstr("nf_conntrack_events is 0"));
  EXPECT_THAT(collection.error().remedy, HasSubstr("net.netfilter.nf_conntrack_events=1"));
}

TEST_F(EventsCollectorTest, AKernelWithoutEventsIsAnError) {
  const test::TempTree empty;
  const kernel::KernelFiles files(empty.root());
  const KernelAccess access{files, files, files, {}, test::OpenFakeEvents(script_)};
  const auto collection = EventsCollector(access, 65536).Collect(test::Patient());
  EXPECT_EQ(collection.error().kind, ErrorKind::kAbsent);
}

TEST_F(EventsCollectorTest, LostEventsAreShownBesideTheOverruns) {
  script_->FailWith(ENOBUFS).Lost(12);
  const auto collection = Collect();
  EXPECT_EQ(ValueOf(collection->families, "conntrack_events_overruns_total"), 1);
  EXPECT_EQ(ValueOf(collection->families, "conntrack_events_lost_total"), 12);
}

TEST_F(EventsCollectorTest, LostEventsAreLeftOutWhereTheKernelDoesNotCountThem) {
  script_->Lost({});
  const auto collection = Collect();
  EXPECT_FALSE(ValueOf(collection->families, "conntrack_events_lost_total").has_value());
  EXPECT_EQ(collection->omissions.at(0).part, "conntrack_events_lost_total");
}

TEST_F(EventsCollectorTest, ARefusalIsItsError) {
  EXPECT_EQ(Collect(test::RefusingEvents()).error().kind, ErrorKind::kDenied);
}

}  // namespace
}  // namespace conntrack
