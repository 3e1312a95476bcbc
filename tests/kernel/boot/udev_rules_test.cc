#include "kernel/boot/udev_rules.h"

#include <gmock/gmock.h>

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Commands(const std::string& rule) {
  const auto rules = ParseUdevRules(rule);
  return rules.size() == 1 ? CommandsForConntrack(rules[0]) : std::vector<std::string>{"not one"};
}

TEST(UdevRules, TheRuleOfTheManualIsUnderstood) {
  EXPECT_THAT(Commands("ACTION==\"add\", SUBSYSTEM==\"module\", KERNEL==\"nf_conntrack\", \\\n"
                       "      RUN+=\"/lib/systemd/systemd-sysctl --prefix=/net/netfilter\"\n"),
              ElementsAre("/lib/systemd/systemd-sysctl --prefix=/net/netfilter"));
}

TEST(UdevRules, PatternsAndConditionsDecide) {
  const std::string run = ", RUN{program}+=\"x\"";
  for (const auto* rule :
       {"KERNEL==\"nf_*\"", "KERNEL==\"ip_tables|nf_conntrack\"", "ACTION!=\"remove\"",
        "ACTION==\"add|change\" SUBSYSTEM == \"module\"", "DEVPATH==\"/module/nf_conntrack\"",
        "ENV{x}!=\"y\", ATTR{initstate}==\"live\"", "TEST==\"/etc/x\""}) {
    EXPECT_THAT(Commands(rule + run), ElementsAre("x")) << rule;
  }
  for (const auto* rule : {"KERNEL==\"nf_conntrack_ftp\"", "SUBSYSTEM==\"net\"",
                           "ACTION==\"remove\"", "ACTION!=\"add\"", "KERNEL!=\"nf_conntrack\""}) {
    EXPECT_THAT(Commands(rule + run), IsEmpty()) << rule;
  }
}

TEST(UdevRules, CommentsAndBrokenRulesArePassedOver) {
  const auto rules = ParseUdevRules(
      "# RUN+=\"a\"\n\nRUN+=\"unfinished\nRUN+=b\nRUN \"c\"\n{x}\nKERNEL==\"\\\"q\\\"\", "
      "RUN+=\"d\"\n"
      "RUN+=\"e\" \\\n");
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].line, 7U);
  EXPECT_EQ(rules[0].tokens[0], (UdevToken{"KERNEL", "==", "\"q\""}));
  EXPECT_EQ(rules[1].tokens[0], (UdevToken{"RUN", "+=", "e"}));
}

}  // namespace
}  // namespace conntrack::kernel
