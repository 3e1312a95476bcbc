#include "kernel/boot/modules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto kOptions = ModprobeLine::Command::kOptions;
constexpr auto kInstall = ModprobeLine::Command::kInstall;

TEST(ModprobeFile, OptionsAndInstallLinesAreRead) {
  EXPECT_THAT(
      ParseModprobeFile("# options nf_conntrack hashsize=1\n"
                        "options nf-conntrack hashsize=2 acct=1\n"
                        "alias x y\nblacklist nf_conntrack\n"
                        "install nf_conntrack /sbin/modprobe --ignore-install x && sysctl -p\n"
                        "options  nf_conntrack\n"
                        "\toptions tun a=b"),
      ElementsAre(ModprobeLine{kOptions, "nf_conntrack", "hashsize=2 acct=1", 2},
                  ModprobeLine{kInstall, "nf_conntrack",
                               "/sbin/modprobe --ignore-install x && sysctl -p", 5},
                  ModprobeLine{kOptions, "tun", "a=b", 7}));
}

TEST(ModprobeFile, ABackslashJoinsLines) {
  EXPECT_THAT(ParseModprobeFile("options nf_conntrack \\\n  hashsize=5 \\\n  acct=1\n"
                                "options tun x=1\noptions last y=2\\"),
              ElementsAre(ModprobeLine{kOptions, "nf_conntrack", "hashsize=5   acct=1", 1},
                          ModprobeLine{kOptions, "tun", "x=1", 4},
                          ModprobeLine{kOptions, "last", "y=2", 5}));
}

TEST(LastOption, IsTheOneThatTheKernelTakes) {
  EXPECT_EQ(LastOption("hashsize=1 acct=1\thashsize=2", "hashsize"), "2");
  EXPECT_EQ(LastOption("hashsize=\"3\"", "hashsize"), "3");
  EXPECT_EQ(LastOption("xhashsize=1 hashsize hashsizes=4", "hashsize"), "");
}

TEST(ModulesLoadFile, HasOneNameALine) {
  EXPECT_THAT(ParseModulesLoadFile("# nf_nat\n; nf_nat\n\n  nf-conntrack \r\ntun"),
              ElementsAre("nf_conntrack", "tun"));
  EXPECT_THAT(ParseModulesLoadFile(""), IsEmpty());
}

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
