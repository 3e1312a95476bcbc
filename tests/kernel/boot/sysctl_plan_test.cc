#include "kernel/boot/sysctl_plan.h"

#include <gtest/gtest.h>

namespace conntrack::kernel {
namespace {

class SysctlPlanTest : public testing::Test {
 protected:
  void File(const std::string& path, const std::string& text) {
    plan_.Add(path, ParseSysctlFile(text));
  }
  /// "value from file:line" of what is carried out last.
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

TEST_F(SysctlPlanTest, OfTwoNamesOfOneSysctlTheOneCarriedOutLastWins) {
  const std::vector<std::string> names = {"net/netfilter/nf_conntrack_max", "net/nf_conntrack_max"};
  File("a", "net.nf_conntrack_max = 1\nnet.netfilter.nf_conntrack_max = 2\n");
  EXPECT_EQ(Last(names), "2 from a:2");
  File("b", "net.nf_conntrack_max = 3\n");  // carried out in its new place
  EXPECT_EQ(Last(names), "3 from b:1");
  File("c", "net.netfilter.nf_conntrack_max = 2\n");  // the same as before: stays where it was
  EXPECT_EQ(Last(names), "3 from b:1");
}

}  // namespace
}  // namespace conntrack::kernel
