#include "kernel/boot/boot_command.h"

#include <gmock/gmock.h>

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;

std::vector<SysctlCall> Calls(std::string_view text) {
  const auto command = ParseBootCommand(text);
  EXPECT_TRUE(command.understood) << text;
  return command.calls;
}

TEST(BootCommand, CallsOfSystemdSysctlAreUnderstood) {
  EXPECT_THAT(Calls("/lib/systemd/systemd-sysctl"), ElementsAre(SysctlCall{.all_files = true}));
  for (const auto* command :
       {"systemd-sysctl --prefix=/net/netfilter", "systemd-sysctl --prefix net.netfilter",
        "systemd-sysctl --prefix=/proc/sys/net/netfilter --strict"}) {
    EXPECT_THAT(Calls(command),
                ElementsAre(SysctlCall{.all_files = true, .prefixes = {"net/netfilter"}}))
        << command;
  }
  EXPECT_THAT(Calls("systemd-sysctl 90-conntrack.conf"),
              ElementsAre(SysctlCall{.files = {"90-conntrack.conf"}}));
}

TEST(BootCommand, CallsOfProcpsAreUnderstood) {
  const SysctlCall everything{.all_files = true, .sysctl_conf = true};
  EXPECT_THAT(Calls("/sbin/sysctl -q --system"), ElementsAre(everything));
  EXPECT_THAT(Calls("sysctl -q -p"), ElementsAre(SysctlCall{.sysctl_conf = true}));
  for (const auto* command : {"sysctl -p /etc/a.conf", "sysctl -e -p /etc/a.conf"}) {
    EXPECT_THAT(Calls(command), ElementsAre(SysctlCall{.files = {"/etc/a.conf"}})) << command;
  }
  auto patterned = everything;
  patterned.pattern = "net[.]netfilter[.]nf_conntrack.*";
  for (const auto* option : {"--pattern ", "--pattern="}) {
    const auto command = std::string("sysctl ") + option + "'" + patterned.pattern + "' --system";
    EXPECT_THAT(Calls(command), ElementsAre(patterned)) << command;
  }
  EXPECT_THAT(Calls("sysctl -qw net.nf_conntrack_max=5 'net.x=1 2'"),
              ElementsAre(SysctlCall{.assignments = {"net.nf_conntrack_max=5", "net.x=1 2"}}));
}

TEST(BootCommand, ChainsAndShellsAreUnwrapped) {
  const SysctlCall five{.assignments = {"net.nf_conntrack_max=5"}};
  for (const auto* command :
       {"sysctl -w net.nf_conntrack_max=5", "/bin/sh -c 'sysctl -w net.nf_conntrack_max=5'",
        "sh -c \"sleep 1; sysctl net.nf_conntrack_max=5 && true\"",
        "bash -c '/bin/sh -c \"sysctl net.nf_conntrack_max=5\"'"}) {
    EXPECT_THAT(Calls(command), ElementsAre(five)) << command;
  }
  const auto install = ParseBootCommand(
      "/sbin/modprobe --ignore-install nf_conntrack hashsize=9 $CMDLINE_OPTS && sysctl "
      "net.nf_conntrack_max=5; sysctl -p");
  EXPECT_TRUE(install.loads);
  EXPECT_TRUE(install.understood);
  EXPECT_THAT(install.options, ElementsAre("hashsize=9"));
  EXPECT_THAT(install.calls, ElementsAre(five, SysctlCall{.sysctl_conf = true}));
  for (const auto* nothing : {"/bin/true", "/bin/false", ":", ""}) {
    EXPECT_EQ(ParseBootCommand(nothing), BootCommand{}) << nothing;
  }
}

TEST(BootCommand, TheRestOfAShellIsNotUnderstood) {
  for (const auto* command : {"sysctl -w net.nf_conntrack_max=$MAX",
                              "sysctl -p | logger",
                              "sysctl -p > /dev/null",
                              "sysctl -w net.nf_conntrack_max=`cat /x`",
                              "/usr/local/sbin/tune",
                              "sh /x.sh",
                              "sh -ec true",
                              "sysctl -p &",
                              "a || sysctl -p",
                              "(sysctl -p)",
                              "sysctl -p /etc/*.conf",
                              "sysctl 'open",
                              "systemd-sysctl --cat-config",
                              "sysctl --frobnicate",
                              "sysctl --load=/etc/a.conf",
                              "sysctl \"*\"",
                              "if true; then sysctl -p; fi",
                              "MAX=5 sysctl -p",
                              "sh -c 'sh -c tune'",
                              "\"sysctl $x\""}) {
    EXPECT_FALSE(ParseBootCommand(command).understood) << command;
  }
}

}  // namespace
}  // namespace conntrack::kernel
