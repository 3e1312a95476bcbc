#include "kernel/boot/sysctl_file.h"

#include <gmock/gmock.h>

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;

TEST(SysctlFile, AssignmentsHaveTheirLine) {
  const auto file = ParseSysctlFile(
      "# net.a = 1\n"
      "; net.b = 1\n"
      "\n"
      "net.netfilter.nf_conntrack_max = 262144\n"
      "  net/netfilter/nf_conntrack_buckets=65536  \r\n"
      "-net.netfilter.nf_conntrack_acct = 1 # one\n"
      "-net.netfilter.nf_conntrack_log_invalid\n"
      "net.x =");
  EXPECT_THAT(file.lines, ElementsAre(SysctlLine{"net/netfilter/nf_conntrack_max", "262144", 4},
                                      SysctlLine{"net/netfilter/nf_conntrack_buckets", "65536", 5},
                                      SysctlLine{"net/netfilter/nf_conntrack_acct", "1 # one", 6},
                                      SysctlLine{"net/netfilter/nf_conntrack_log_invalid", {}, 7},
                                      SysctlLine{"net/x", "", 8}));
  EXPECT_TRUE(file.broken.empty());
}

TEST(SysctlFile, BrokenLinesAreNamed) {
  const auto file = ParseSysctlFile("net.netfilter.nf_conntrack_max 5\n= 7\nnet.a = 1\n-\n");
  EXPECT_THAT(file.broken, ElementsAre(1, 2, 4));
  EXPECT_EQ(file.lines.size(), 1U);
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

}  // namespace
}  // namespace conntrack::kernel
