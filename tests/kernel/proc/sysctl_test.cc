#include "kernel/proc/sysctl.h"

#include <gtest/gtest.h>

#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

TEST(PortRange, BothEndsAreInIt) {
  EXPECT_EQ((PortRange{1024, 65535}.size()), 64512U);
  EXPECT_EQ((PortRange{1, 65535}.size()), 65535U);
  EXPECT_EQ((PortRange{80, 80}.size()), 1U);
}

TEST(ParsePortRange, TakesTwoPortsTheLowerFirst) {
  EXPECT_EQ(ParsePortRange("1024-65535").value(), (PortRange{1024, 65535}));
  EXPECT_EQ(ParsePortRange("7-7").value(), (PortRange{7, 7}));
}

TEST(ParsePortRange, RefusesEverythingElse) {
  for (const auto* text : {"", "-", "1024", "1024-", "-1024", "9-1", "0-9", "1-65536", "1 - 9",
                           "1-9-12", "a-b", "1024-65535 "}) {
    const auto range = ParsePortRange(text);
    ASSERT_FALSE(range.has_value()) << text;
    EXPECT_EQ(range.error().kind, ErrorKind::kMalformed);
  }
}

TEST(ParseLocalPortRange, TakesWhatTheKernelWrites) {
  EXPECT_EQ(ParseLocalPortRange("32768\t60999\n").value(), (PortRange{32768, 60999}));
}

TEST(ParseLocalPortRange, RefusesEverythingElse) {
  for (const auto* text : {"", "\n", "32768\n", "32768\t60999\t1\n", "60999\t32768\n", "x\ty\n"}) {
    EXPECT_FALSE(ParseLocalPortRange(text).has_value()) << text;
  }
}

TEST(ReadLocalPortRange, SaysWhereThereIsNone) {
  test::TempTree tree;
  EXPECT_EQ(ReadLocalPortRange(KernelFiles(tree.root())).error().kind, ErrorKind::kAbsent);
  tree.Write("sys/net/ipv4/ip_local_port_range", "10000\t20000\n");
  EXPECT_EQ(ReadLocalPortRange(KernelFiles(tree.root())).value(), (PortRange{10000, 20000}));
}

}  // namespace
}  // namespace conntrack::kernel
