#include "collectors/flows_collector.h"

#include <gmock/gmock.h>

#include "tests/support/fake_flow_source.h"
#include "tests/support/families.h"

namespace conntrack {
namespace {

using test::ValueOf;

FlowsCollector Make(test::FakeFlowSource::WalkFunction walk) {
  return {
      std::make_shared<FlowSampler>(std::make_unique<test::FakeFlowSource>(std::move(walk)), 0.1),
      64};
}

TEST(FlowsCollector, ShowsCountsAndTheHealthOfTheSample) {
  auto collector = Make([](kernel::FlowVisitor& visitor, const std::stop_token&) -> Result<void> {
    visitor.Visit({.family = 2, .protocol = 17, .state = {}, .status = 0, .timeout = 3, .zone = 0});
    return {};
  });
  const auto collection = collector.Collect(test::Patient());
  ASSERT_TRUE(collection.has_value());
  const auto& families = collection->families;
  EXPECT_EQ(ValueOf(families, "conntrack_flows",
                    {{"family", "ipv4"}, {"protocol", "udp"}, {"state", "UNREPLIED"}}),
            1);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_sample_flows"), 1);
  EXPECT_GE(ValueOf(families, "conntrack_flows_sample_age_seconds").value(), 0);
  EXPECT_GE(ValueOf(families, "conntrack_flows_sample_duration_seconds").value(), 0);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_sample_interruptions_total"), 1);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_sample_overruns_total"), 2);
  EXPECT_EQ(ValueOf(families, "conntrack_flows_sample_skipped_total"), 3);
}

TEST(FlowsCollector, AFailedSampleYieldsNothingAtAll) {
  auto collector = Make([](kernel::FlowVisitor&, const std::stop_token&) -> Result<void> {
    return Fail(ErrorKind::kDenied, "no capability");
  });
  const auto collection = collector.Collect(test::Patient());
  ASSERT_FALSE(collection.has_value());
  EXPECT_EQ(collection.error().kind, ErrorKind::kDenied);
}

}  // namespace
}  // namespace conntrack
