#include "kernel/boot/sysctl_command.h"

#include <gtest/gtest.h>

namespace conntrack::kernel {
namespace {

constexpr const char* kSetting = "net/netfilter/nf_conntrack_max";
constexpr const char* kFile = "/etc/sysctl.d/90-conntrack.conf";
constexpr const char* kConf = "/etc/sysctl.conf";

TEST(SysctlCommand, SystemdCarriesOutWhatIsBelowItsPrefixes) {
  for (const auto* command :
       {"/lib/systemd/systemd-sysctl", "/usr/lib/systemd/systemd-sysctl --prefix=/net/netfilter",
        "systemd-sysctl --prefix net.netfilter", "systemd-sysctl --prefix=/proc/sys/net",
        "systemd-sysctl --prefix=/x --prefix=/net/netfilter/nf_conntrack_max",
        "systemd-sysctl 90-conntrack.conf"}) {
    EXPECT_TRUE(ParseSysctlCommand(command).AppliesTo(kSetting, kFile)) << command;
  }
  for (const auto* command :
       {"systemd-sysctl --prefix=/net/ipv4", "systemd-sysctl --prefix=/net/netfilter/nf_conntrack",
        "systemd-sysctl --prefix=/net/net", "systemd-sysctl 10-other.conf", "modprobe nf_nat",
        ""}) {
    EXPECT_FALSE(ParseSysctlCommand(command).AppliesTo(kSetting, kFile)) << command;
  }
  EXPECT_FALSE(ParseSysctlCommand("systemd-sysctl 10-a.conf").AppliesTo(kSetting, kConf));
}

TEST(SysctlCommand, ProcpsCarriesOutFiles) {
  EXPECT_TRUE(ParseSysctlCommand("/sbin/sysctl --system").AppliesTo(kSetting, kFile));
  EXPECT_TRUE(ParseSysctlCommand("/sbin/sysctl --system").AppliesTo(kSetting, kConf));
  EXPECT_TRUE(ParseSysctlCommand("sysctl -q -p").AppliesTo(kSetting, kConf));
  EXPECT_FALSE(ParseSysctlCommand("sysctl -q -p").AppliesTo(kSetting, kFile));
  for (const auto* load : {"sysctl -p ", "sysctl -p", "sysctl --load="}) {
    const auto command = ParseSysctlCommand(std::string(load) + kFile);
    EXPECT_TRUE(command.AppliesTo(kSetting, kFile)) << load;
    EXPECT_FALSE(command.AppliesTo(kSetting, "/etc/sysctl.d/x.conf")) << load;
    EXPECT_FALSE(command.AppliesTo(kSetting, kConf)) << load;
  }
  EXPECT_TRUE(ParseSysctlCommand("sysctl -p /etc/sysctl.conf").AppliesTo(kSetting, kConf));
}

TEST(SysctlCommand, AssignmentsAreTaken) {
  const auto command = ParseSysctlCommand("sysctl -w net.nf_conntrack_max=5");
  EXPECT_EQ(command.assignments, std::vector<std::string>{"net.nf_conntrack_max=5"});
  EXPECT_FALSE(command.AppliesTo(kSetting, kFile));
}

TEST(SysctlCommand, AShellThatMentionsItIsTrusted) {
  const auto command = ParseSysctlCommand("/bin/sh -c 'sleep 1; sysctl --system'");
  EXPECT_TRUE(command.AppliesTo(kSetting, kFile));
  EXPECT_TRUE(command.AppliesTo(kSetting, kConf));
}

}  // namespace
}  // namespace conntrack::kernel
