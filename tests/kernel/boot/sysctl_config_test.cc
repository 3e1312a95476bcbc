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

constexpr const char* kSetting = "net/netfilter/nf_conntrack_max";
constexpr const char* kFile = "/etc/sysctl.d/90-conntrack.conf";
constexpr const char* kConf = "/etc/sysctl.conf";

TEST(SysctlCommand, SystemdAppliesWhatIsBelowItsPrefixes) {
  for (const auto* command :
       {"/lib/systemd/systemd-sysctl", "/usr/lib/systemd/systemd-sysctl --prefix=/net/netfilter",
        "systemd-sysctl --prefix net.netfilter", "systemd-sysctl --prefix=/proc/sys/net",
        "systemd-sysctl --prefix=/x --prefix=/net/netfilter/nf_conntrack_max",
        "systemd-sysctl 90-conntrack.conf"}) {
    EXPECT_TRUE(ParseSysctlCommand(command).AppliesTo(kSetting, kFile)) << command;
  }
  for (const auto* command :
       {"systemd-sysctl --prefix=/net/ipv4", "systemd-sysctl --prefix=/net/netfilter/nf_conntrack",
        "systemd-sysctl --prefix=/net/net", "systemd-sysctl 10-other.conf", "modprobe nf_nat",
        ""}) {
    EXPECT_FALSE(ParseSysctlCommand(command).AppliesTo(kSetting, kFile)) << command;
  }
  EXPECT_FALSE(ParseSysctlCommand("systemd-sysctl 10-a.conf").AppliesTo(kSetting, kConf));
}

TEST(SysctlCommand, ProcpsAppliesFiles) {
  EXPECT_TRUE(ParseSysctlCommand("/sbin/sysctl --system").AppliesTo(kSetting, kFile));
  EXPECT_TRUE(ParseSysctlCommand("/sbin/sysctl --system").AppliesTo(kSetting, kConf));
  EXPECT_TRUE(ParseSysctlCommand("sysctl -q -p").AppliesTo(kSetting, kConf));
  EXPECT_FALSE(ParseSysctlCommand("sysctl -q -p").AppliesTo(kSetting, kFile));
  for (const auto* load : {"sysctl -p ", "sysctl -p", "sysctl --load="}) {
    const auto command = ParseSysctlCommand(std::string(load) + kFile);
    EXPECT_TRUE(command.AppliesTo(kSetting, kFile)) << load;
    EXPECT_FALSE(command.AppliesTo(kSetting, "/etc/sysctl.d/x.conf")) << load;
    EXPECT_FALSE(command.AppliesTo(kSetting, kConf)) << load;
  }
  EXPECT_TRUE(ParseSysctlCommand("sysctl -p /etc/sysctl.conf").AppliesTo(kSetting, kConf));
}

TEST(SysctlCommand, AssignmentsAreTaken) {
  const auto command = ParseSysctlCommand("sysctl -w net.nf_conntrack_max=5");
  EXPECT_EQ(command.assignments, std::vector<std::string>{"net.nf_conntrack_max=5"});
  EXPECT_FALSE(command.AppliesTo(kSetting, kFile));
}

TEST(SysctlCommand, AShellThatMentionsItIsTrusted) {
  const auto command = ParseSysctlCommand("/bin/sh -c 'sleep 1; sysctl --system'");
  EXPECT_TRUE(command.AppliesTo(kSetting, kFile));
  EXPECT_TRUE(command.AppliesTo(kSetting, kConf));
}

}  // namespace
}  // namespace conntrack::kernel
