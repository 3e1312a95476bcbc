#include "kernel/boot/udev_rules.h"

#include <gmock/gmock.h>

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// "yes x" or "maybe y" for each command, and whether it replaces others.
std::vector<std::string> Commands(const std::string& text) {
  std::vector<std::string> words;
  for (const auto& command : ParseUdevRules(text, "nf_conntrack")) {
    words.push_back((command.certain ? "yes " : "maybe ") + command.text +
                    (command.replaces ? " alone" : ""));
  }
  return words;
}

TEST(UdevRules, TheRuleOfTheManualIsUnderstood) {
  EXPECT_THAT(Commands("ACTION==\"add\", SUBSYSTEM==\"module\", KERNEL==\"nf_conntrack\", \\\n"
                       "      RUN+=\"/lib/systemd/systemd-sysctl --prefix=/net/netfilter\"\n"),
              ElementsAre("yes /lib/systemd/systemd-sysctl --prefix=/net/netfilter"));
}

TEST(UdevRules, PatternsAndConditionsDecide) {
  const std::string run = ", RUN{program}+=\"x\"\n";
  for (const auto* rule :
       {"KERNEL==\"nf_*\"", "KERNEL==\"ip_tables|nf_conntrack\"", "ACTION!=\"remove\"",
        "ACTION==\"add|change\" SUBSYSTEM == \"module\"", "DEVPATH==\"/module/nf_conntrack\"",
        "ENV{x}=\"y\"", "SUBSYSTEM!=\"net\""}) {
    EXPECT_THAT(Commands(rule + run), ElementsAre("yes x")) << rule;
  }
  for (const auto* rule : {"ENV{x}!=\"y\"", "KERNEL==\"nf_*\", ATTR{initstate}==\"live\"",
                           "TEST==\"/etc/x\"", "CONST{virt}==\"kvm\""}) {
    EXPECT_THAT(Commands(rule + run), ElementsAre("maybe x")) << rule;
  }
  for (const auto* rule :
       {"KERNEL==\"nf_conntrack_ftp\"", "SUBSYSTEM==\"net\"", "ACTION==\"remove\"",
        "ACTION!=\"add\"", "KERNEL!=\"nf_conntrack\"", "TEST==\"/etc/x\", SUBSYSTEM==\"net\""}) {
    EXPECT_THAT(Commands(rule + run), ElementsAre("maybe x")) << rule;
  }
}

TEST(UdevRules, OtherKeysRunAndWriteToo) {
  EXPECT_THAT(Commands("KERNEL==\"nf_conntrack\", PROGRAM=\"p\", RUN+=\"r\""),
              ElementsAre("maybe p", "maybe r"));
  EXPECT_THAT(Commands("KERNEL==\"nf_conntrack\", SYSCTL{net/nf_conntrack_max}=\"5\""),
              ElementsAre("yes /sbin/sysctl net/nf_conntrack_max=5"));
  EXPECT_THAT(Commands("KERNEL==\"nf_conntrack\", ATTR{parameters/hashsize}=\"5\""),
              ElementsAre("yes /sys/module/nf_conntrack/parameters/hashsize"));
  EXPECT_THAT(Commands("RUN{builtin}+=\"kmod load\", ATTR{x}=\"5\", ATTR{x}==\"5\""), IsEmpty());
}

TEST(UdevRules, NothingIsCertainAfterAJump) {
  EXPECT_THAT(Commands("RUN+=\"a\"\nKERNEL==\"nf_*\", GOTO=\"end\"\nRUN+=\"b\"\nLABEL=\"end\"\n"
                       "KERNEL==\"nf_nat\", RUN+=\"c\""),
              ElementsAre("yes a", "maybe b", "maybe c"));
}

TEST(UdevRules, SomeRulesReplaceWhatOthersRun) {
  for (const auto* rule : {"KERNEL==\"nf_*\", RUN=\"a\"", "SUBSYSTEM==\"module\", RUN:=\"a\""}) {
    EXPECT_THAT(Commands(rule), ElementsAre("yes a alone")) << rule;
  }
  for (const auto* rule : {"KERNEL==\"nf_nat\", RUN=\"a\"", "ENV{x}==\"y\", RUN:=\"a\""}) {
    EXPECT_THAT(Commands(rule), ElementsAre("maybe a")) << rule;
  }
}

TEST(UdevRules, PropertiesOfTheDeviceEndAWord) {
  EXPECT_THAT(Commands("RUN+=\"sysctl --prefix=/net/%k\""),
              ElementsAre("maybe sysctl --prefix=/net/%k"));
  EXPECT_EQ(WithoutProperties("a --prefix=/x/$name/y --z=%E{q}k '$attr{b}' c"),
            "a --prefix=/x/ --z= '' c");
  EXPECT_EQ(WithoutProperties("sh -c 'echo $$; sysctl x=1&&y%k|z'"),
            "sh -c 'echo ; sysctl x=1&&y|z'");
}

TEST(UdevRules, CommentsAndBrokenRulesArePassedOver) {
  EXPECT_THAT(ParseUdevRules("# RUN+=\"a\"\n\nRUN+=\"unfinished\nRUN+=b\nRUN \"c\"\n{x}\n"
                             "KERNEL==\"nf_conntrack\", RUN+=\"\\\"d\\\"\"\nRUN+=\"e\" \\\n",
                             "nf_conntrack"),
              ElementsAre(UdevCommand{"\"d\"", true, true, false, 7},
                          UdevCommand{"e", true, false, false, 8}));
}

}  // namespace
}  // namespace conntrack::kernel
