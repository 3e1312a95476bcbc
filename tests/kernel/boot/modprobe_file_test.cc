#include "kernel/boot/modprobe_file.h"

#include <gmock/gmock.h>

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

}  // namespace
}  // namespace conntrack::kernel
