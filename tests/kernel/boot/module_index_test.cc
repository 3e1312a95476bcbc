#include "kernel/boot/module_index.h"

#include <gtest/gtest.h>

namespace conntrack::kernel {
namespace {

TEST(ModuleIndex, ModulesThatNeedConntrackBringIt) {
  const auto names = ConntrackDependents(
      "kernel/net/netfilter/nf_conntrack.ko.xz: kernel/lib/libcrc32c.ko.xz\n"
      "kernel/net/netfilter/nf_nat.ko.xz: kernel/net/netfilter/nf_conntrack.ko.xz "
      "kernel/lib/libcrc32c.ko.xz\n"
      "kernel/net/netfilter/xt-thing.ko: kernel/net/netfilter/nf_nat.ko "
      "kernel/net/netfilter/nf_conntrack.ko\n"
      "kernel/drivers/net/tun.ko:\nrubbish\n");
  EXPECT_EQ(names.count("nf_conntrack"), 1U);
  EXPECT_EQ(names.count("ip_conntrack"), 1U);
  EXPECT_EQ(names.count("nf_nat"), 1U);
  EXPECT_EQ(names.count("xt_thing"), 1U);
  EXPECT_EQ(names.count("tun"), 0U);
  // Merged into nf_conntrack in 4.19: modules-load.d files that still name it load nothing.
  EXPECT_EQ(names.count("nf_conntrack_ipv4"), 0U);
  EXPECT_EQ(CommonConntrackDependents().count("nf_conntrack_ipv4"), 1U);
}

TEST(ModuleIndex, BuiltInIsWhatTheListHas) {
  EXPECT_TRUE(IsConntrackBuiltin("kernel/a/b.ko\nkernel/net/netfilter/nf_conntrack.ko\n"));
  EXPECT_FALSE(IsConntrackBuiltin("kernel/net/netfilter/nf_conntrack_ftp.ko\n"));
  EXPECT_FALSE(IsConntrackBuiltin(""));
}

}  // namespace
}  // namespace conntrack::kernel
