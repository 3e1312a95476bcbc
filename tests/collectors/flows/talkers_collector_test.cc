#include "collectors/flows/talkers_collector.h"

#include <gmock/gmock.h>

#include "tests/support/fake_flow_source.h"
#include "tests/support/families.h"
#include "tests/support/flows.h"

namespace conntrack {
namespace {

using test::FindFamily;
using test::TcpFlow;
using test::ValueOf;

TalkersCollector MakeTalkers(const TalkersOptions& options, std::vector<kernel::Flow> flows) {
  auto walk = [flows = std::move(flows)](kernel::FlowVisitor& visitor,
                                         const std::stop_token&) -> Result<void> {
    for (const auto& flow : flows) visitor.Visit(flow);
    return {};
  };
  return TalkersCollector(
      std::make_shared<FlowSampler>(std::make_unique<test::FakeFlowSource>(std::move(walk)), 1.0,
                                    FlowTallyOptions{.talkers = options, .snat_top = {}}));
}

TEST(TalkersCollector, ShowsTheTopAndTheRestAsOther) {
  auto collector =
      MakeTalkers({.top = 1, .classes = {}},
                  {TcpFlow("10.0.0.1", "192.0.2.1", 443), TcpFlow("10.0.0.1", "192.0.2.2", 80),
                   TcpFlow("2001:db8::1", "2001:db9::1", 443)});
  const auto collection = collector.Collect(test::Patient());
  ASSERT_TRUE(collection.has_value());
  const auto& families = collection->families;
  EXPECT_EQ(ValueOf(families, "conntrack_talkers_source_flows", {{"source_address", "10.0.0.1"}}),
            2);
  EXPECT_EQ(ValueOf(families, "conntrack_talkers_source_flows", {{"source_address", "other"}}), 1);
  EXPECT_EQ(ValueOf(families, "conntrack_talkers_destination_flows",
                    {{"destination_address", "192.0.2.1"}}),
            1);
  EXPECT_EQ(
      ValueOf(families, "conntrack_talkers_destination_flows", {{"destination_address", "other"}}),
      2);
  EXPECT_EQ(
      ValueOf(families, "conntrack_talkers_service_flows", {{"protocol", "tcp"}, {"port", "443"}}),
      2);
  EXPECT_EQ(ValueOf(families, "conntrack_talkers_service_flows",
                    {{"protocol", "other"}, {"port", "other"}}),
            1);
  for (const auto* by : {"source", "destination", "service"}) {
    EXPECT_EQ(ValueOf(families, "conntrack_talkers_error_flows", {{"by", by}}), 0);
  }
  for (const auto* name : {"conntrack_talkers_class_flows", "conntrack_talkers_pair_flows",
                           "conntrack_talkers_backend_flows"}) {
    EXPECT_EQ(FindFamily(families, name), nullptr) << name;
  }
}

TEST(TalkersCollector, ShowsClassesWhereThereAreAny) {
  auto collector = MakeTalkers({.classes = {ParseAddressClass("10.0.0.0/8=inside").value()}},
                               {TcpFlow("10.0.0.1", "192.0.2.1")});
  const auto families = collector.Collect(test::Patient()).value().families;
  const auto flows = [&](const char* direction, const char* name) {
    return ValueOf(families, "conntrack_talkers_class_flows",
                   {{"direction", direction}, {"class", name}});
  };
  EXPECT_EQ(flows("source", "inside"), 1);
  EXPECT_EQ(flows("source", "other"), 0);
  EXPECT_EQ(flows("destination", "inside"), 0);
  EXPECT_EQ(flows("destination", "other"), 1);
}

TEST(TalkersCollector, ShowsPairsAndBackendsWhereAskedFor) {
  auto collector =
      MakeTalkers({.top = 1, .pairs = true},
                  {TcpFlow("10.0.0.1", "10.96.0.1", 443), TcpFlow("10.0.0.1", "10.96.0.1", 443),
                   test::Redirected(TcpFlow("10.0.0.2", "10.96.0.1", 443), "10.0.1.1")});
  const auto families = collector.Collect(test::Patient()).value().families;
  const auto pair = [&](const char* source, const char* destination, const char* protocol,
                        const char* port) {
    return ValueOf(
        families, "conntrack_talkers_pair_flows",
        {{"source", source}, {"destination", destination}, {"protocol", protocol}, {"port", port}});
  };
  EXPECT_EQ(pair("10.0.0.1", "10.96.0.1", "tcp", "443"), 2);
  EXPECT_EQ(pair("other", "other", "other", "other"), 1);
  EXPECT_EQ(ValueOf(families, "conntrack_talkers_backend_flows",
                    {{"destination", "10.96.0.1"},
                     {"backend", "10.0.1.1"},
                     {"protocol", "tcp"},
                     {"port", "443"}}),
            1);
  EXPECT_EQ(ValueOf(families, "conntrack_talkers_backend_flows",
                    {{"destination", "other"},
                     {"backend", "other"},
                     {"protocol", "other"},
                     {"port", "other"}}),
            0);
  for (const auto* by : {"pair", "backend"}) {
    EXPECT_EQ(ValueOf(families, "conntrack_talkers_error_flows", {{"by", by}}), 0);
  }
}

TEST(TalkersCollector, AnEmptyTableHasOnlyTheOther) {
  auto collector = MakeTalkers({}, {});
  const auto families = collector.Collect(test::Patient()).value().families;
  EXPECT_EQ(FindFamily(families, "conntrack_talkers_source_flows")->samples.size(), 1U);
  EXPECT_EQ(ValueOf(families, "conntrack_talkers_source_flows", {{"source_address", "other"}}), 0);
}

}  // namespace
}  // namespace conntrack
