#include "kernel/boot/boot_scripts.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "tests/support/host_tree.h"
#include "tests/support/process_tree.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kWrites = "sysctl -w net.netfilter.nf_conntrack_max=9\n";

class BootScriptsTest : public testing::Test {
 protected:
  void Program(const std::string& path, const std::string& text) {
    host_.File(path, text);
    std::filesystem::permissions(host_.path() / path.substr(1), std::filesystem::perms(0755));
  }

  /// "manager file:line setting setting" of each doubt.
  std::vector<std::string> Doubts() const {
    std::vector<std::string> doubts;
    for (const auto& writer : ReadBootScripts(host_.root())) {
      EXPECT_THAT(writer.assignments, IsEmpty());
      for (const auto& doubt : writer.doubts) {
        doubts.push_back(writer.manager + " " + doubt.source.ToString());
        for (const auto& setting : doubt.settings) doubts.back() += " " + setting;
      }
    }
    return doubts;
  }

  test::HostTree host_;
};

struct MentionCase {
  const char* text;
  std::optional<ScriptMention> mention;
};

class MentionTest : public testing::TestWithParam<MentionCase> {};

TEST_P(MentionTest, IsFound) {
  const auto& [text, mention] = GetParam();
  const auto found = FindMention(text);
  ASSERT_EQ(found.has_value(), mention.has_value()) << text;
  if (found) {
    EXPECT_EQ(found->line, mention->line) << text;
    EXPECT_EQ(found->settings, mention->settings) << text;
    EXPECT_EQ(found->any, mention->any) << text;
    EXPECT_EQ(found->applies_files, mention->applies_files) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, MentionTest,
    testing::Values(
        MentionCase{"#!/bin/sh\n\n  sysctl -w net.netfilter.nf_conntrack_max=9\n",
                    ScriptMention{3, {"nf_conntrack_max"}}},
        MentionCase{"echo 9 > /proc/sys/net/ipv4/netfilter/ip_conntrack_tcp_loose",
                    ScriptMention{1, {"nf_conntrack_tcp_loose"}}},
        MentionCase{"echo 9 > /sys/module/nf_conntrack/parameters/hashsize",
                    ScriptMention{1, {"nf_conntrack_buckets"}}},
        MentionCase{"for k in nf_conntrack_max nf_conntrack_acct; do\necho 1 > /proc/sys/net/$k",
                    ScriptMention{1, {"nf_conntrack_acct", "nf_conntrack_max"}}},
        MentionCase{"sysctl net.netfilter.nf_conntrack_$NAME=1", ScriptMention{1, {}, true}},
        MentionCase{"cd /proc/sys/net/netfilter\n", ScriptMention{1, {}, true}},
        MentionCase{"echo 1 | tee /proc/sys/net/netfilter/*", ScriptMention{1, {}, true}},
        MentionCase{"sysctl --system", ScriptMention{1, {}, false, true}},
        MentionCase{"/sbin/sysctl -qp /etc/x.conf", ScriptMention{1, {}, false, true}},
        MentionCase{"systemctl restart systemd-sysctl", ScriptMention{1, {}, false, true}},
        MentionCase{"service procps start", ScriptMention{1, {}, false, true}},
        MentionCase{"sysctl -a --pattern 'nf_conntrack*'", ScriptMention{1, {}, true}},
        MentionCase{"# sysctl -w net.netfilter.nf_conntrack_max=9", std::nullopt},
        MentionCase{"; sysctl --system", std::nullopt},
        MentionCase{"sysctl -w net.ipv4.ip_forward=1; cp -pf a b", std::nullopt},
        MentionCase{"modprobe nf_conntrack_ftp", std::nullopt},
        MentionCase{"cat /proc/sys/net/netfilter/nf_conntrack_count", std::nullopt},
        MentionCase{"sysctl net.netfilter.nf_log_all_netns=1", std::nullopt},
        MentionCase{"apt-get install procps", std::nullopt}, MentionCase{"", std::nullopt}));

TEST_F(BootScriptsTest, AnOrdinaryHostHasNone) {
  Program("/etc/init.d/procps", "sysctl --system\n");
  host_.File("/etc/systemd/system/x.service", "[Unit]\nAfter=systemd-sysctl.service\n");
  host_.File("/usr/lib/systemd/system/y.service", "[Service]\nExecStart=/bin/sysctl --system\n");
  host_.File("/etc/cron.d/x", "0 0 * * * root true\n");
  EXPECT_THAT(Doubts(), IsEmpty());
}

TEST_F(BootScriptsTest, RcLocalRunsOnlyIfItIsExecutable) {
  const auto script = std::string("#!/bin/sh\n") + kWrites;
  host_.File("/etc/rc.local", script);
  EXPECT_THAT(Doubts(), IsEmpty());
  Program("/etc/rc.local", script);
  EXPECT_THAT(Doubts(), ElementsAre("rc.local /etc/rc.local:2 nf_conntrack_max"));
}

TEST_F(BootScriptsTest, WhoAppliesFilesMaySetWhatTheyName) {
  Program("/etc/rc.local", "sysctl -p\n");
  EXPECT_THAT(Doubts(), IsEmpty());
  host_.File("/etc/sysctl.conf", "net.ipv4.ip_forward = 1\nnet.netfilter.nf_conntrack_acct = 1\n");
  EXPECT_THAT(Doubts(), ElementsAre("rc.local /etc/rc.local:1 nf_conntrack_acct"));
}

TEST_F(BootScriptsTest, FilesThatAScriptAppliesAreLookedInto) {
  Program("/etc/rc.local", "#!/bin/sh\nsysctl -p /etc/own.conf\n");
  EXPECT_THAT(Doubts(), IsEmpty());
  host_.File("/etc/own.conf", "# own\nnet.netfilter.nf_conntrack_max = 9\n");
  EXPECT_THAT(Doubts(), ElementsAre("rc.local /etc/own.conf:2 nf_conntrack_max"));
}

TEST_F(BootScriptsTest, PatternsInFilesThatAreAppliedMaySetAny) {
  Program("/etc/rc.local", "sysctl --system\n");
  host_.File("/etc/sysctl.d/a.conf", "net.netfilter.nf_conntrack_*_timeout = 9\n");
  EXPECT_THAT(Doubts(), ElementsAre("rc.local /etc/rc.local:1"));
}

TEST_F(BootScriptsTest, UnitsAndTheirDropIns) {
  host_.File("/etc/systemd/system/a.service",
             "[Service]\nExecStart=/bin/sh -c 'sysctl net.netfilter.nf_conntrack_max=9'\n");
  host_.File("/etc/systemd/system/b.service.d/x.conf",
             "[Service]\nExecStartPost=-/sbin/sysctl -w net.netfilter.nf_conntrack_acct=1\n");
  host_.File("/etc/systemd/system/c.txt", kWrites);
  host_.Link("/etc/systemd/system/d.service", "/dev/null");
  host_.File("/usr/lib/systemd/system/d.service", std::string("[Service]\nExecStart=") + kWrites);
  EXPECT_THAT(Doubts(), ElementsAre("systemd /etc/systemd/system/a.service:2 nf_conntrack_max",
                                    "systemd /etc/systemd/system/b.service.d/x.conf:2 "
                                    "nf_conntrack_acct"));
}

TEST_F(BootScriptsTest, ScriptsThatUnitsAndJobsStart) {
  host_.File("/usr/local/sbin/tune", std::string("#!/bin/sh\n") + kWrites);
  host_.File("/usr/local/sbin/binary", std::string("\x7f"
                                                   "ELF\0\n",
                                                   6) +
                                           kWrites);
  host_.File("/etc/systemd/system/a.service",
             "[Service]\nExecStart=-/usr/local/sbin/tune\n"
             "ExecStop=/usr/local/sbin/binary\n");
  EXPECT_THAT(Doubts(), ElementsAre("systemd /usr/local/sbin/tune:2 nf_conntrack_max"));
}

TEST_F(BootScriptsTest, TmpfilesCronAndScriptsOfNetworks) {
  host_.File("/etc/tmpfiles.d/a.conf", "w /proc/sys/net/netfilter/nf_conntrack_max - - - - 9\n");
  host_.File("/etc/crontab", "@reboot root sysctl -w net.netfilter.nf_conntrack_acct=1\n");
  host_.File("/etc/network/interfaces",
             "iface eth0 inet dhcp\n  up echo 9 > /proc/sys/net/nf_conntrack_max\n");
  Program("/etc/NetworkManager/dispatcher.d/50-x", kWrites);
  EXPECT_THAT(Doubts(),
              ElementsAre("systemd-tmpfiles /etc/tmpfiles.d/a.conf:1 nf_conntrack_max",
                          "ifupdown /etc/network/interfaces:2 nf_conntrack_max",
                          "NetworkManager /etc/NetworkManager/dispatcher.d/50-x:1 nf_conntrack_max",
                          "cron /etc/crontab:1 nf_conntrack_acct"));
}

TEST_F(BootScriptsTest, CloudInitRunsBootcmdAtEachBootAndRuncmdOnce) {
  const std::string command = "  - sysctl -w net.netfilter.nf_conntrack_max=9\n";
  host_.File("/var/lib/cloud/instance/user-data.txt", "#cloud-config\nruncmd:\n" + command);
  EXPECT_THAT(Doubts(), IsEmpty());
  host_.File("/var/lib/cloud/instance/user-data.txt", "#cloud-config\nbootcmd:\n" + command);
  EXPECT_THAT(Doubts(),
              ElementsAre("cloud-init /var/lib/cloud/instance/user-data.txt:3 nf_conntrack_max"));
}

TEST_F(BootScriptsTest, WhatMayNotBeReadMaySetAnythingUnlessItIsOftenPrivate) {
  for (const auto* path : {"/etc/rc.local", "/etc/crontab", "/etc/network/interfaces"}) {
    host_.File(path, "");
    std::filesystem::permissions(host_.path() / std::string(path).substr(1),
                                 std::filesystem::perms::owner_exec);
  }
  std::filesystem::permissions(host_.path().parent_path(), std::filesystem::perms(0755));
  const test::AsOrdinaryUser user;
  EXPECT_THAT(Doubts(), ElementsAre("rc.local /etc/rc.local"));
}

TEST_F(BootScriptsTest, LargeFilesAreNotFollowed) {
  Program("/etc/rc.local", "/opt/program\n");
  host_.File("/opt/program", kWrites + std::string(65'536, '\n'));
  EXPECT_THAT(Doubts(), IsEmpty());
  host_.File("/opt/program", kWrites);
  EXPECT_THAT(Doubts(), ElementsAre("rc.local /opt/program:1 nf_conntrack_max"));
}

}  // namespace
}  // namespace conntrack::kernel
