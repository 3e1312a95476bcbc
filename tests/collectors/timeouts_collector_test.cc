#include "collectors/timeouts_collector.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/support/captures.h"
#include "tests/support/families.h"
#include "tests/support/temp_tree.h"

namespace conntrack {
namespace {

using test::ValueOf;
using testing::ElementsAre;
using testing::Field;

TEST(TimeoutKey, SpeaksTheWordsOfTheFlows) {
  EXPECT_EQ(TimeoutKeyOf("nf_conntrack_tcp_timeout_close_wait")->protocol, "tcp");
  EXPECT_THAT(TimeoutKeyOf("nf_conntrack_tcp_timeout_close_wait")->states,
              ElementsAre("CLOSE_WAIT"));
  EXPECT_THAT(TimeoutKeyOf("nf_conntrack_sctp_timeout_shutdown_ack_sent")->states,
              ElementsAre("SHUTDOWN_ACK_SENT"));
  EXPECT_THAT(TimeoutKeyOf("nf_conntrack_udp_timeout")->states,
              ElementsAre("UNREPLIED", "REPLIED"));
  EXPECT_THAT(TimeoutKeyOf("nf_conntrack_udp_timeout_stream")->states, ElementsAre("ASSURED"));
  EXPECT_EQ(TimeoutKeyOf("nf_conntrack_generic_timeout")->protocol, "generic");
  EXPECT_THAT(TimeoutKeyOf("nf_flowtable_tcp_timeout")->states, ElementsAre("OFFLOAD"));
}

TEST(TimeoutKey, TellsTimeoutsOfFlowsFromTheRest) {
  for (const auto* name :
       {"nf_conntrack_frag6_timeout", "nf_conntrack_events_retry_timeout", "nf_conntrack_max",
        "nf_conntrack_tcp_max_retrans", "nf_conntrack_timestamp", "nf_conntrack_timeout",
        "nf_log_all_netns", "nf_conntrack_tcp_timeouts"}) {
    EXPECT_FALSE(TimeoutKeyOf(name).has_value()) << name;
  }
}

std::vector<Family> CollectTimeouts(const std::string& capture) {
  return TimeoutsCollector(kernel::KernelFiles(test::Capture(capture) / "proc"))
      .Collect(test::Patient())
      .value()
      .families;
}

TEST(TimeoutsCollector, TakesWhateverThisKernelHas) {
  const auto families = CollectTimeouts("6.1-2cpu");
  EXPECT_EQ(ValueOf(families, "conntrack_timeout_seconds",
                    {{"protocol", "tcp"}, {"flow_state", "ESTABLISHED"}}),
            432'000);
  EXPECT_EQ(ValueOf(families, "conntrack_timeout_seconds",
                    {{"protocol", "gre"}, {"flow_state", "ASSURED"}}),
            180);
  EXPECT_EQ(ValueOf(families, "conntrack_timeout_seconds",
                    {{"protocol", "udp"}, {"flow_state", "OFFLOAD"}}),
            30);
  EXPECT_EQ(ValueOf(CollectTimeouts("2.6.32-2cpu"), "conntrack_timeout_seconds",
                    {{"protocol", "udplite"}, {"flow_state", "ASSURED"}}),
            180);
}

class RealCapture : public testing::TestWithParam<const char*> {};

TEST_P(RealCapture, EveryTimeoutFileIsThere) {
  const auto folder = test::Capture(GetParam()) / "proc/sys/net/netfilter";
  const auto families = CollectTimeouts(GetParam());
  std::size_t expected = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto key = TimeoutKeyOf(entry.path().filename().string());
    if (!key) continue;
    for (const auto& state : key->states) {
      ++expected;
      EXPECT_TRUE(ValueOf(families, "conntrack_timeout_seconds",
                          {{"protocol", key->protocol}, {"flow_state", state}}))
          << entry.path();
    }
  }
  EXPECT_EQ(families.front().samples.size(), expected);
  EXPECT_GT(expected, 20U);
}

TEST_P(RealCapture, SctpIsAsStableKernelsHaveIt) {
  const auto families = CollectTimeouts(GetParam());
  const auto sctp = [&](const char* state) {
    return ValueOf(families, "conntrack_timeout_seconds",
                   {{"protocol", "sctp"}, {"flow_state", state}});
  };
  EXPECT_EQ(sctp("ESTABLISHED"), 210);
  EXPECT_EQ(sctp("SHUTDOWN_SENT"), 3);
  EXPECT_EQ(sctp("HEARTBEAT_ACKED"), std::nullopt);
}

std::string NameOfCapture(const testing::TestParamInfo<const char*>& capture) {
  std::string name(capture.param);
  std::ranges::replace_if(
      name, [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(TimeoutsCollector, RealCapture,
                         testing::Values("5.10-2cpu", "6.1-2cpu", "6.12-2cpu", "6.18-2cpu",
                                         "6.18-module-2cpu", "7.3-2cpu"),
                         NameOfCapture);

TEST(TimeoutsCollector, AFileOfNonsenseIsNamedAndTheOthersKept) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_udp_timeout", "30").Sysctl("nf_conntrack_icmp_timeout", "soon");
  const auto collection =
      TimeoutsCollector(kernel::KernelFiles(tree.root())).Collect(test::Patient());
  ASSERT_TRUE(collection.has_value());
  EXPECT_THAT(collection->omissions,
              ElementsAre(Field(&Omission::part, "nf_conntrack_icmp_timeout")));
  EXPECT_EQ(ValueOf(collection->families, "conntrack_timeout_seconds",
                    {{"protocol", "udp"}, {"flow_state", "REPLIED"}}),
            30);
}

TEST(TimeoutsCollector, NoTimeoutAtAllIsAnError) {
  test::TempTree tree;
  tree.Sysctl("nf_log_all_netns", "0");
  const auto collection =
      TimeoutsCollector(kernel::KernelFiles(tree.root())).Collect(test::Patient());
  EXPECT_EQ(collection.error().kind, ErrorKind::kAbsent);
}

}  // namespace
}  // namespace conntrack
