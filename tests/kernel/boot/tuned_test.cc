#include "kernel/boot/boot_writers.h"

#include <gmock/gmock.h>

#include <utility>

#include "tests/support/host_tree.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kMax = "net.netfilter.nf_conntrack_max";

class TunedTest : public testing::Test {
 protected:
  TunedTest() { Runs(true); }

  void Active(const std::string& names) { host_.File("/etc/tuned/active_profile", names + "\n"); }

  void Profile(const std::string& name, const std::string& text) {
    host_.File("/usr/lib/tuned/" + name + "/tuned.conf", text);
  }

  BootWriter Read() const {
    for (auto& writer : ReadBootWriters(host_.root(), host_.proc(), host_.sys())) {
      if (writer.manager == "tuned") return std::move(writer);
    }
    return {.manager = "none"};
  }

  /// "key=value file:line" or "key>=value file:line".
  std::vector<std::string> Assignments() const {
    std::vector<std::string> texts;
    for (const auto& one : Read().assignments) {
      texts.push_back(one.key + (one.at_least ? ">=" : "=") + *one.value + " " +
                      one.source.ToString());
    }
    return texts;
  }

  void Runs(bool runs) { host_.Proc("7/comm", runs ? "tuned\n" : "sleep\n"); }

  test::HostTree host_;
};

TEST_F(TunedTest, NotInstalled) {
  Runs(false);
  EXPECT_EQ(Read().manager, "none");
}

TEST_F(TunedTest, SetsOrRaisesAndThenAppliesTheFiles) {
  Active("node");
  Profile("node", "[main]\nsummary=x\n[sysctl]\n# a comment\n" + std::string(kMax) +
                      " = >9 # comment\nnet/netfilter/nf_conntrack_acct=1\nvm.swappiness=1\n");
  EXPECT_THAT(Assignments(), ElementsAre("net/netfilter/nf_conntrack_max>=9 "
                                         "/usr/lib/tuned/node/tuned.conf:5",
                                         "net/netfilter/nf_conntrack_acct=1 "
                                         "/usr/lib/tuned/node/tuned.conf:6"));
  EXPECT_EQ(Read().manager, "tuned");
  EXPECT_TRUE(Read().reapplies_sysctl_files);
  EXPECT_THAT(Read().doubts, IsEmpty());
  host_.File("/etc/tuned/tuned-main.conf", "reapply_sysctl = 0\n");
  EXPECT_FALSE(Read().reapplies_sysctl_files);
}

TEST_F(TunedTest, ProfileWithoutSysctlsAppliesNoFiles) {
  Active("x");
  Profile("x", "[cpu]\ngovernor=performance\n");
  EXPECT_EQ(Read().manager, "none");
  Profile("x", "[sysctl]\nvm.swappiness=1\n");
  EXPECT_TRUE(Read().reapplies_sysctl_files);
}

TEST_F(TunedTest, LaterProfilesReplaceThoseTheyInclude) {
  Active("mine other");
  Profile("base", "[sysctl]\n" + std::string(kMax) + "=1\nnet.netfilter.nf_conntrack_acct=1\n");
  Profile("mine", "[sysctl]\n" + std::string(kMax) + "=2\n[main]\ninclude = base, -gone\n");
  Profile("other", "[main]\ninclude=base\n[sysctl]\n" + std::string(kMax) + "=3\n");
  EXPECT_THAT(Assignments(), ElementsAre("net/netfilter/nf_conntrack_acct=1 "
                                         "/usr/lib/tuned/base/tuned.conf:3",
                                         "net/netfilter/nf_conntrack_max=3 "
                                         "/usr/lib/tuned/other/tuned.conf:4"));
}

TEST_F(TunedTest, AProfileOfEtcMayIncludeTheOneItReplaces) {
  Active("x");
  Profile("x", "[sysctl]\n" + std::string(kMax) + "=1\n");
  host_.File("/etc/tuned/profiles/x/tuned.conf",
             "[main]\ninclude=x\n[sysctl]\nnet.netfilter.nf_conntrack_acct=1\n");
  EXPECT_THAT(Assignments(),
              ElementsAre("net/netfilter/nf_conntrack_max=1 /usr/lib/tuned/x/tuned.conf:2",
                          "net/netfilter/nf_conntrack_acct=1 "
                          "/etc/tuned/profiles/x/tuned.conf:4"));
}

TEST_F(TunedTest, WhatIsNotPlainIsInDoubt) {
  Active("x");
  const std::string line = "net.netfilter.nf_conntrack_max=";
  for (const auto& text :
       {"[variables]\nm=9\n[sysctl]\n" + line + "${m}\n", "[sysctl]\n" + line + "<9\n",
        "[sysctl]\n" + line + "\"9\"\n", "[more]\ntype=sysctl\n" + line + "9\n"}) {
    Profile("x", text);
    const auto tuned = Read();
    EXPECT_THAT(tuned.assignments, IsEmpty()) << text;
    ASSERT_EQ(tuned.doubts.size(), 1U) << text;
    EXPECT_THAT(tuned.doubts[0].settings, ElementsAre("nf_conntrack_max")) << text;
    EXPECT_TRUE(tuned.reapplies_sysctl_files) << text;
  }
}

TEST_F(TunedTest, OptionsOfSysctlsPutAllInDoubt) {
  Active("x");
  for (const auto* option : {"uname_regex=x86_64", "replace=1", "enabled=0"}) {
    Profile("x", "[sysctl]\n" + std::string(option) + "\nvm.swappiness=1\n");
    EXPECT_EQ(Read().doubts.at(0).source.ToString(), "/usr/lib/tuned/x/tuned.conf:2");
    EXPECT_THAT(Read().doubts.at(0).settings, IsEmpty());
  }
}

TEST_F(TunedTest, ScriptsMaySetAnything) {
  Active("x");
  Profile("x", "[script]\nscript=${i:PROFILE_DIR}/run.sh\n");
  EXPECT_THAT(Read().doubts.at(0).reason, HasSubstr("script"));
  EXPECT_THAT(Read().doubts.at(0).settings, IsEmpty());
}

TEST_F(TunedTest, InDoubtUnlessItRunsOrIsStartedAtBoot) {
  Runs(false);
  Active("x");
  Profile("x", "[sysctl]\n" + std::string(kMax) + "=9\n");
  EXPECT_THAT(Assignments(), IsEmpty());
  EXPECT_THAT(Read().doubts.at(0).settings, ElementsAre("nf_conntrack_max"));
  EXPECT_FALSE(Read().reapplies_sysctl_files);
  host_.Link("/etc/systemd/system/multi-user.target.wants/tuned.service",
             "/usr/lib/systemd/system/tuned.service");
  EXPECT_EQ(Assignments().size(), 1U);
  host_.Link("/etc/systemd/system/tuned.service", "/dev/null");
  EXPECT_THAT(Assignments(), IsEmpty());
}

TEST_F(TunedTest, UnknownProfilesAreInDoubtOfAnySetting) {
  EXPECT_THAT(Read().doubts.at(0).settings, IsEmpty());  // it chooses one
  Active("gone");
  EXPECT_THAT(Read().doubts.at(0).reason, HasSubstr("gone"));
  EXPECT_THAT(Read().doubts.at(0).settings, IsEmpty());
}

TEST_F(TunedTest, OpenShiftRunsItInAContainer) {
  Runs(false);
  host_.File("/var/lib/ocp-tuned/profile", "");
  EXPECT_THAT(Read().doubts.at(0).settings, IsEmpty());
}

}  // namespace
}  // namespace conntrack::kernel
