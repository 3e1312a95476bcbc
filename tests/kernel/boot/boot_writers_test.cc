#include "kernel/boot/boot_writers.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <algorithm>

#include "tests/support/host_tree.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kUfwSysctl = "/etc/ufw/sysctl.conf";

class BootWritersTest : public testing::Test {
 protected:
  BootWritersTest() {
    ::unsetenv("KUBERNETES_SERVICE_HOST");  // where the tests run in a pod
    host_.Sys("devices/system/cpu/online", "0-7\n");
  }

  void Ufw(const std::string& enabled) {
    host_.File("/etc/ufw/ufw.conf", "# comment\nENABLED=" + enabled + "\n");
    host_.File("/etc/default/ufw", "IPT_SYSCTL=\"/etc/ufw/sysctl.conf\"\n");
  }

  /// A process; `arguments` are separated by blanks.
  void Process(const std::string& name, std::string arguments) {
    std::replace(arguments.begin(), arguments.end(), ' ', '\0');
    host_.Proc("2/comm", "kthreadd\n");
    host_.Proc("77/comm", name + "\n").Proc("77/cmdline", name + '\0' + arguments);
  }

  std::vector<BootWriter> Read() const {
    return ReadBootWriters(host_.root(), host_.proc(), host_.sys());
  }

  /// "setting=value" of all writers, "setting>=value" where they only raise.
  std::vector<std::string> Assignments() const {
    std::vector<std::string> texts;
    for (const auto& writer : Read()) {
      for (const auto& one : writer.assignments) {
        texts.push_back(one.key.substr(one.key.rfind('/') + 1) + (one.at_least ? ">=" : "=") +
                        *one.value);
      }
    }
    return texts;
  }

  std::vector<std::string> Doubted() const {
    std::vector<std::string> settings;
    for (const auto& writer : Read()) {
      for (const auto& doubt : writer.doubts) {
        settings.insert(settings.end(), doubt.settings.begin(), doubt.settings.end());
      }
    }
    return settings;
  }

  test::HostTree host_;
};

TEST_F(BootWritersTest, NoneOnAnOrdinaryHost) { EXPECT_THAT(Read(), IsEmpty()); }

TEST_F(BootWritersTest, UfwAppliesAFileOfItsOwn) {
  Ufw("yes");
  EXPECT_THAT(Read(), IsEmpty());
  host_.File(kUfwSysctl, "net/ipv4/tcp_sack=1\nnet/netfilter/nf_conntrack_max=900000\n");
  const auto writers = Read();
  ASSERT_EQ(writers.size(), 1U);
  EXPECT_EQ(writers[0].manager, "ufw");
  EXPECT_TRUE(writers[0].loads_module);
  EXPECT_THAT(
      writers[0].assignments,
      ElementsAre(SysctlAssignment{"net/netfilter/nf_conntrack_max", "900000", {kUfwSysctl, 2}}));
  Ufw("no");
  EXPECT_THAT(Read(), IsEmpty());
  Ufw("'yes' # since March");
  EXPECT_EQ(Read().size(), 1U);
}

TEST_F(BootWritersTest, KubeProxyByDefault) {
  Process("kube-proxy", "--v=2");
  EXPECT_THAT(
      Assignments(),
      ElementsAre("nf_conntrack_max>=262144", "nf_conntrack_tcp_timeout_established>=86400",
                  "nf_conntrack_tcp_timeout_close_wait>=3600", "nf_conntrack_buckets>=65536"));
  const auto writers = Read();
  ASSERT_EQ(writers.size(), 2U);
  EXPECT_THAT(writers[0].may_lower, HasSubstr("1.36"));
  EXPECT_EQ(writers[1].may_lower, "");  // no version lowers buckets
  EXPECT_EQ(writers[0].assignments[0].source.ToString(), "process kube-proxy");
}

TEST_F(BootWritersTest, WhatRunsAsKubeProxySetsItWasNotOnlyRaised) {
  Process("kube-proxy", "");
  host_.Runs("nf_conntrack_tcp_timeout_established", "86400");
  host_.Runs("nf_conntrack_tcp_timeout_close_wait", "60");
  EXPECT_THAT(
      Assignments(),
      ElementsAre("nf_conntrack_max>=262144", "nf_conntrack_tcp_timeout_established=86400",
                  "nf_conntrack_tcp_timeout_close_wait>=3600", "nf_conntrack_buckets>=65536"));
}

TEST_F(BootWritersTest, KubeProxyOnFewCpusSetsItsLeastLimit) {
  host_.Sys("devices/system/cpu/online", "0-1\n");
  Process("kube-proxy",
          "--conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0s");
  EXPECT_THAT(Assignments(),
              ElementsAre("nf_conntrack_max>=131072", "nf_conntrack_buckets>=32768"));
}

TEST_F(BootWritersTest, CpusThatArePresentCountWhereTheOnlineOnesCannotBeRead) {
  host_.Sys("devices/system/cpu/online", "").Sys("devices/system/cpu/present", "0-15\n");
  Process("kube-proxy", "");
  EXPECT_EQ(Assignments().at(0), "nf_conntrack_max>=524288");
  host_.Sys("devices/system/cpu/present", "?\n");
  EXPECT_THAT(Doubted(), ElementsAre("nf_conntrack_max", "nf_conntrack_buckets"));
}

TEST_F(BootWritersTest, KubeProxyThatLeavesTheLimit) {
  Process(
      "kube-proxy",
      "--conntrack-max-per-core=0 --conntrack-min=7 --conntrack-tcp-timeout-established 2h30m5s "
      "--conntrack-tcp-timeout-close-wait=0 --conntrack-tcp-be-liberal "
      "--conntrack-udp-timeout-stream=5m");
  EXPECT_THAT(Assignments(),
              ElementsAre("nf_conntrack_tcp_timeout_established>=9005",
                          "nf_conntrack_udp_timeout_stream>=300", "nf_conntrack_tcp_be_liberal=1"));
}

TEST_F(BootWritersTest, KubeProxysVersionsDisagreeOnManyCpus) {
  host_.Sys("devices/system/cpu/online", "0-63\n");
  Process("kube-proxy", "");
  EXPECT_THAT(Doubted(), ElementsAre("nf_conntrack_max", "nf_conntrack_buckets"));
}

TEST_F(BootWritersTest, ValuesThatAreNotUnderstood) {
  Process("kube-proxy",
          "--conntrack-min=x --conntrack-tcp-timeout-established=1.5h "
          "--conntrack-udp-timeout=5");
  EXPECT_THAT(Doubted(),
              ElementsAre("nf_conntrack_max", "nf_conntrack_buckets",
                          "nf_conntrack_tcp_timeout_established", "nf_conntrack_udp_timeout"));
}

constexpr std::size_t kSetByKubeProxy = 7;

TEST_F(BootWritersTest, KubeProxyWithHiddenOptionsMaySetAllOfIts) {
  Process("k3s-server", "server");
  EXPECT_EQ(Doubted().size(), kSetByKubeProxy);
  EXPECT_THAT(Assignments(), IsEmpty());
  EXPECT_EQ(Read().at(0).manager, "kube-proxy");
}

TEST_F(BootWritersTest, KubeletWithoutKubeProxyIsInDoubtWhereProcessesAreHidden) {
  host_.File("/var/lib/kubelet/config.yaml", "");
  EXPECT_EQ(Doubted().size(), kSetByKubeProxy);
  EXPECT_EQ(Read().at(0).doubts.at(0).source.ToString(), "/var/lib/kubelet");
  // All processes are seen: kube-proxy is none of them.
  Process("kubelet", "");
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(BootWritersTest, HiddenOptionsAreTheDefaultsWhereTheseRun) {
  host_.File("/var/lib/kubelet/config.yaml", "");
  host_.Runs("nf_conntrack_tcp_timeout_established", "86400");
  host_.Runs("nf_conntrack_tcp_timeout_close_wait", "3600").Runs("nf_conntrack_max", "262144");
  host_.Runs("nf_conntrack_udp_timeout", "30").Runs("nf_conntrack_udp_timeout_stream", "200");
  host_.Runs("nf_conntrack_tcp_be_liberal", "0");
  EXPECT_THAT(
      Assignments(),
      ElementsAre("nf_conntrack_max>=262144", "nf_conntrack_tcp_timeout_established=86400",
                  "nf_conntrack_tcp_timeout_close_wait=3600", "nf_conntrack_buckets>=65536"));
  EXPECT_THAT(Doubted(), ElementsAre("nf_conntrack_udp_timeout_stream"));
  host_.Runs("nf_conntrack_max", "900000");
  EXPECT_THAT(Doubted(), ElementsAre("nf_conntrack_max", "nf_conntrack_buckets",
                                     "nf_conntrack_udp_timeout_stream"));
}

TEST_F(BootWritersTest, KubeProxyIsInDoubtByItsTimeoutsAloneWhereProcessesAreHidden) {
  host_.Runs("nf_conntrack_tcp_timeout_established", "86400");
  EXPECT_THAT(Read(), IsEmpty());
  host_.Runs("nf_conntrack_tcp_timeout_close_wait", "3600").Runs("nf_conntrack_max", "262144");
  EXPECT_EQ(Doubted().size(), kSetByKubeProxy);
  EXPECT_THAT(Assignments(), IsEmpty());
  host_.Proc("2/comm", "kthreadd\n");  // All processes are seen: it is none of them.
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(BootWritersTest, ServicesOfOtherSystemsAreDoubtsWhereTheyAreInstalledOrRun) {
  host_.File("/usr/sbin/pve-firewall", "");
  EXPECT_EQ(Doubted().size(), 4U);
  Process("openshift-tuned", "");
  const auto writers = Read();
  ASSERT_EQ(writers.size(), 2U);
  EXPECT_EQ(writers[0].manager, "tuned");
  EXPECT_THAT(writers[0].doubts.at(0).settings, IsEmpty());
  EXPECT_EQ(writers[1].manager, "pve-firewall");
}

TEST_F(BootWritersTest, PatternsInTheFileOfUfwAreInDoubt) {
  Ufw("yes");
  host_.File(kUfwSysctl, "net/netfilter/nf_conntrack_tcp_*=9\n");
  const auto writers = Read();
  ASSERT_EQ(writers.size(), 1U);
  EXPECT_THAT(writers[0].assignments, IsEmpty());
  EXPECT_EQ(writers[0].doubts.at(0).source.ToString(), std::string(kUfwSysctl) + ":1");
}

TEST_F(BootWritersTest, InTheOrderInWhichTheyAct) {
  Ufw("yes");
  host_.File(kUfwSysctl, "net/netfilter/nf_conntrack_max=1\n");
  host_.File("/etc/crontab", "@reboot root sysctl -w net.netfilter.nf_conntrack_max=2\n");
  host_.File("/etc/tuned/active_profile", "x\n");
  host_.File("/usr/lib/tuned/x/tuned.conf", "[sysctl]\nnet.netfilter.nf_conntrack_max=3\n");
  Process("kube-proxy", "--conntrack-max-per-core=0");
  std::vector<std::string> managers;
  for (const auto& writer : Read()) managers.push_back(writer.manager);
  EXPECT_THAT(managers, ElementsAre("ufw", "cron", "tuned", "kube-proxy"));
}

}  // namespace
}  // namespace conntrack::kernel
