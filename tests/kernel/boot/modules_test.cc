#include "kernel/boot/modules.h"

#include <gmock/gmock.h>

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ModprobeFile, LinesHaveACommandAndAModule) {
  EXPECT_THAT(
      ParseModprobeFile("a",
                        "# options nf_conntrack hashsize=1\n"
                        "options nf-conntrack hashsize=2 acct=1\n"
                        "blacklist nf_conntrack\nalias\n"
                        "install nf_conntrack /sbin/modprobe --ignore-install x && sysctl -p\n"
                        "\toptions tun a=b"),
      ElementsAre(ModprobeLine{"options", "nf_conntrack", "hashsize=2 acct=1", {"a", 2}},
                  ModprobeLine{"blacklist", "nf_conntrack", "", {"a", 3}},
                  ModprobeLine{"install",
                               "nf_conntrack",
                               "/sbin/modprobe --ignore-install x && sysctl -p",
                               {"a", 5}},
                  ModprobeLine{"options", "tun", "a=b", {"a", 6}}));
}

TEST(ModprobeFile, ABackslashJoinsLines) {
  EXPECT_THAT(ParseModprobeFile("a",
                                "options nf_conntrack \\\n  hashsize=5 \\\n  acct=1\n"
                                "options tun x=1\noptions last y=2\\"),
              ElementsAre(ModprobeLine{"options", "nf_conntrack", "hashsize=5   acct=1", {"a", 1}},
                          ModprobeLine{"options", "tun", "x=1", {"a", 4}},
                          ModprobeLine{"options", "last", "y=2", {"a", 5}}));
}

TEST(ModulesLoadFile, HasOneNameALine) {
  EXPECT_THAT(ParseModulesLoadFile("a", "# nf_nat\n; nf_nat\n\n  nf-conntrack \r\ntun"),
              ElementsAre(NamedModule{"nf_conntrack", {"a", 4}}, NamedModule{"tun", {"a", 5}}));
  EXPECT_THAT(ParseModulesLoadFile("a", ""), IsEmpty());
}

TEST(ModuleIndex, KnowsNamesAliasesAndWhatModulesNeed) {
  const ModuleIndex index(
      "kernel/net/netfilter/nf_conntrack.ko.xz: kernel/lib/libcrc32c.ko.xz\n"
      "kernel/net/netfilter/nf_nat.ko.zst: kernel/net/netfilter/nf_conntrack.ko.xz "
      "kernel/lib/libcrc32c.ko.xz\n"
      "kernel/net/netfilter/xt-thing.ko: kernel/net/netfilter/nf_nat.ko\n"
      "kernel/drivers/net/tun.ko:\nrubbish\n",
      "# comment\nalias ip_conntrack nf_conntrack\nalias nf_conntrack-* nf_conntrack\n",
      "kernel/net/ipv4/tunnel4.ko\n");
  EXPECT_THAT(index.Named("nf_nat"), ElementsAre("nf_nat"));
  EXPECT_THAT(index.Named("ip_conntrack"), ElementsAre("nf_conntrack"));
  EXPECT_THAT(index.Named("nf_conntrack_2"), ElementsAre("nf_conntrack"));
  EXPECT_THAT(index.Named("tunnel4"), ElementsAre("tunnel4"));
  EXPECT_THAT(index.Named("nf_conntrak"), IsEmpty());
  EXPECT_THAT(index.NeedsOf("nf_nat"), ElementsAre("nf_conntrack", "libcrc32c"));
  EXPECT_THAT(index.NeedsOf("xt_thing"), ElementsAre("nf_nat"));
  EXPECT_THAT(index.NeedsOf("tun"), IsEmpty());
  EXPECT_THAT(index.NeedsOf("absent"), IsEmpty());
  EXPECT_TRUE(index.Has("tun"));
  EXPECT_FALSE(index.Has("tunnel4"));
  EXPECT_TRUE(index.IsBuiltin("tunnel4"));
}

}  // namespace
}  // namespace conntrack::kernel
