#include "kernel/boot/udev_rules.h"

#include <gmock/gmock.h>

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;

/// "yes x", "maybe y" for each action.
std::vector<std::string> Actions(const std::string& text) {
  std::vector<std::string> words;
  for (const auto& action : ActionsOf(ParseUdevRules(text), "nf_conntrack")) {
    constexpr const char* kRuns[] = {"no ", "maybe ", "yes "};
    words.push_back(kRuns[static_cast<int>(action.runs)] + action.token.value);
  }
  return words;
}

TEST(UdevRules, TheRuleOfTheManualIsUnderstood) {
  EXPECT_THAT(Actions("ACTION==\"add\", SUBSYSTEM==\"module\", KERNEL==\"nf_conntrack\", \\\n"
                      "      RUN+=\"/lib/systemd/systemd-sysctl --prefix=/net/netfilter\"\n"),
              ElementsAre("yes /lib/systemd/systemd-sysctl --prefix=/net/netfilter"));
}

TEST(UdevRules, PatternsAndConditionsDecide) {
  const std::string run = ", RUN{program}+=\"x\"\n";
  for (const auto* rule :
       {"KERNEL==\"nf_*\"", "KERNEL==\"ip_tables|nf_conntrack\"", "ACTION!=\"remove\"",
        "ACTION==\"add|change\" SUBSYSTEM == \"module\"", "DEVPATH==\"/module/nf_conntrack\"",
        "ENV{x}=\"y\"", "SUBSYSTEM!=\"net\""}) {
    EXPECT_THAT(Actions(rule + run), ElementsAre("yes x")) << rule;
  }
  for (const auto* rule : {"ENV{x}!=\"y\"", "KERNEL==\"nf_*\", ATTR{initstate}==\"live\"",
                           "TEST==\"/etc/x\"", "CONST{virt}==\"kvm\""}) {
    EXPECT_THAT(Actions(rule + run), ElementsAre("maybe x")) << rule;
  }
  for (const auto* rule :
       {"KERNEL==\"nf_conntrack_ftp\"", "SUBSYSTEM==\"net\"", "ACTION==\"remove\"",
        "ACTION!=\"add\"", "KERNEL!=\"nf_conntrack\"", "TEST==\"/etc/x\", SUBSYSTEM==\"net\""}) {
    EXPECT_THAT(Actions(rule + run), ElementsAre("no x")) << rule;
  }
}

TEST(UdevRules, ProgramsThatAskAreActionsToo) {
  EXPECT_THAT(Actions("KERNEL==\"nf_conntrack\", PROGRAM=\"p\", RUN+=\"r\""),
              ElementsAre("maybe p", "maybe r"));
  EXPECT_THAT(Actions("KERNEL==\"nf_conntrack\", SYSCTL{net/nf_conntrack_max}=\"5\""),
              ElementsAre("yes 5"));
}

TEST(UdevRules, AJumpLeavesRulesOut) {
  const std::string rest = "GOTO=\"end\"\nRUN+=\"a\"\nLABEL=\"other\"\nLABEL=\"end\"\nRUN+=\"b\"\n";
  EXPECT_THAT(Actions("KERNEL==\"nf_conntrack\", " + rest), ElementsAre("no a", "yes b"));
  EXPECT_THAT(Actions("KERNEL!=\"nf_conntrack\", " + rest), ElementsAre("yes a", "yes b"));
  EXPECT_THAT(Actions("ENV{x}==\"y\", " + rest), ElementsAre("maybe a", "yes b"));
}

TEST(UdevRules, CommentsAndBrokenRulesArePassedOver) {
  const auto rules = ParseUdevRules(
      "# RUN+=\"a\"\n\nRUN+=\"unfinished\nRUN+=b\nRUN \"c\"\n{x}\nKERNEL==\"\\\"q\\\"\", "
      "RUN+=\"d\"\n"
      "RUN+=\"e\" \\\n");
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(rules[0].line, 7U);
  EXPECT_EQ(rules[0].tokens[0], (UdevToken{"KERNEL", "", "==", "\"q\""}));
  EXPECT_EQ(rules[1].tokens[0], (UdevToken{"RUN", "", "+=", "e"}));
}

}  // namespace
}  // namespace conntrack::kernel
