#include "kernel/boot/sysctl_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;

TEST(SysctlFile, AssignmentsHaveTheirLine) {
  const auto assignments = ParseSysctlFile("a",
                                           "# net.a = 1\n"
                                           "; net.b = 1\n"
                                           "\n"
                                           "net.netfilter.nf_conntrack_max = 262144\n"
                                           "  net/netfilter/nf_conntrack_buckets=65536  \r\n"
                                           "-net.netfilter.nf_conntrack_acct = 1 # one\n"
                                           "-net.netfilter.nf_conntrack_log_invalid\n"
                                           "net.x =");
  EXPECT_THAT(assignments,
              ElementsAre(SysctlAssignment{"net/netfilter/nf_conntrack_max", "262144", {"a", 4}},
                          SysctlAssignment{"net/netfilter/nf_conntrack_buckets", "65536", {"a", 5}},
                          SysctlAssignment{"net/netfilter/nf_conntrack_acct", "1 # one", {"a", 6}},
                          SysctlAssignment{"net/netfilter/nf_conntrack_log_invalid", {}, {"a", 7}},
                          SysctlAssignment{"net/x", "", {"a", 8}}));
}

TEST(SysctlFile, BrokenLinesAreSkipped) {
  EXPECT_THAT(ParseSysctlFile("a", "net.netfilter.nf_conntrack_max 5\n= 7\nnet.a = 1\n-\n"),
              ElementsAre(SysctlAssignment{"net/a", "1", {"a", 3}}));
}

TEST(SysctlKey, AllSpellingsAreOnePath) {
  for (const auto* key : {"net.netfilter.nf_conntrack_max", "net/netfilter/nf_conntrack_max",
                          "/net/netfilter/nf_conntrack_max", "net//netfilter/nf_conntrack_max/"}) {
    EXPECT_EQ(NormalizeSysctlKey(key), "net/netfilter/nf_conntrack_max") << key;
  }
}

TEST(SysctlKey, DotsAndSlashesChangePlacesWhereADotComesFirst) {
  EXPECT_EQ(NormalizeSysctlKey("net.ipv4.conf.eth0/100.x"), "net/ipv4/conf/eth0.100/x");
  EXPECT_EQ(NormalizeSysctlKey("net/ipv4/conf/eth0.100/x"), "net/ipv4/conf/eth0.100/x");
  EXPECT_EQ(NormalizeSysctlKey("net/netfilter.nf_conntrack_max"), "net/netfilter.nf_conntrack_max");
}

class SysctlPlanTest : public testing::Test {
 protected:
  void File(const std::string& path, const std::string& text) { plan_.AddFile(path, text); }
  /// "value from file:line" of what is applied last.
  std::string Last(std::vector<std::string> keys) {
    const auto* last = plan_.Last(keys);
    return last == nullptr ? "nothing" : *last->value + " from " + last->source.ToString();
  }
  const std::string timeout_ = "net/netfilter/nf_conntrack_tcp_timeout_close";
  SysctlPlan plan_;
};

TEST_F(SysctlPlanTest, TheLaterAssignmentWins) {
  File("a", timeout_ + "=1\n" + timeout_ + "=2\n");
  EXPECT_EQ(Last({timeout_}), "2 from a:2");
  File("b", "net.netfilter.nf_conntrack_tcp_timeout_close = 3\n");
  EXPECT_EQ(Last({timeout_}), "3 from b:1");
  EXPECT_EQ(Last({"net/netfilter/other"}), "nothing");
}

TEST_F(SysctlPlanTest, AGlobWritesWhatNoLineNames) {
  File("a", timeout_ + "=1\n");
  File("b", "net.netfilter.nf_conntrack_tcp_timeout_* = 9\n");
  EXPECT_EQ(Last({timeout_}), "1 from a:1");
  EXPECT_EQ(Last({"net/netfilter/nf_conntrack_tcp_timeout_last_ack"}), "9 from b:1");
  EXPECT_EQ(Last({"net/netfilter/nf_conntrack_udp_timeout"}), "nothing");
}

TEST_F(SysctlPlanTest, AnExclusionKeepsGlobsOff) {
  File("a", "net.netfilter.*timeout* = 9\n-" + timeout_ + "\n");
  EXPECT_EQ(Last({timeout_}), "nothing");
  EXPECT_EQ(Last({"net/netfilter/nf_conntrack_udp_timeout"}), "9 from a:1");
}

TEST_F(SysctlPlanTest, AGlobDoesNotCrossASlash) {
  File("a", "net.* = 9\n");
  EXPECT_EQ(Last({timeout_}), "nothing");
}

TEST_F(SysctlPlanTest, OfTwoGlobsTheLaterWins) {
  File("a", "net.netfilter.nf_conntrack_tcp_* = 1\nnet.netfilter.nf_conntrack_* = 2\n");
  EXPECT_EQ(Last({timeout_}), "2 from a:2");
}

TEST_F(SysctlPlanTest, OfTwoNamesOfOneSysctlTheOneAppliedLastWins) {
  const std::vector<std::string> names = {"net/netfilter/nf_conntrack_max", "net/nf_conntrack_max"};
  File("a", "net.nf_conntrack_max = 1\nnet.netfilter.nf_conntrack_max = 2\n");
  EXPECT_EQ(Last(names), "2 from a:2");
  File("b", "net.nf_conntrack_max = 3\n");  // applied in its new place
  EXPECT_EQ(Last(names), "3 from b:1");
  File("c", "net.netfilter.nf_conntrack_max = 2\n");  // the same as before: stays where it was
  EXPECT_EQ(Last(names), "3 from b:1");
}

TEST_F(SysctlPlanTest, AFilterSeesTheKeyAsWrittenAndAsAPath) {
  std::string seen;
  plan_.AddFile("a", "-net.netfilter.x = 1\nnet/nf_conntrack_max=2\n",
                [&seen](std::string_view written, const std::string& key) {
                  seen.append(written).append("|").append(key).append("|");
                  return key != "net/netfilter/x";
                });
  EXPECT_EQ(seen, "net.netfilter.x |net/netfilter/x|net/nf_conntrack_max|net/nf_conntrack_max|");
  EXPECT_EQ(Last({"net/netfilter/x"}), "nothing");
  EXPECT_EQ(Last({"net/nf_conntrack_max"}), "2 from a:2");
}

TEST_F(SysctlPlanTest, GlobsMayBeLimitedToFolders) {
  File("a", "net.netfilter.nf_conntrack_tcp_* = 1\n");
  plan_.LimitGlobs({"net/ipv4"});
  EXPECT_EQ(Last({timeout_}), "nothing");
  plan_.LimitGlobs({"net/ipv4", "net/netfilter"});
  EXPECT_EQ(Last({timeout_}), "1 from a:1");
}

TEST(SysctlPrefix, IsAFolderOrTheKeyItself) {
  constexpr const char* kKey = "net/netfilter/nf_conntrack_max";
  for (const auto* prefix : {"", "net", "net/netfilter", "net/netfilter/nf_conntrack_max"}) {
    EXPECT_TRUE(IsBelowOne({"x", prefix}, kKey)) << prefix;
  }
  EXPECT_TRUE(IsBelowOne({}, kKey));
  for (const auto* prefix : {"net/ipv4", "net/netfilter/nf_conntrack", "net/net"}) {
    EXPECT_FALSE(IsBelowOne({prefix}, kKey)) << prefix;
  }
}

}  // namespace
}  // namespace conntrack::kernel
