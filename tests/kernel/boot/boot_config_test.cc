#include "kernel/boot/boot_config.h"

#include <gmock/gmock.h>

#include "tests/support/host_tree.h"

namespace conntrack::kernel {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class BootConfigTest : public testing::Test {
 protected:
  BootConfig Read() { return ReadBootConfig(host_.root(), host_.proc(), host_.sys()); }
  test::HostTree host_;
};

TEST_F(BootConfigTest, OnlyWhatCanBeLoadedHasAnInitstate) {
  host_.BuiltIn();
  EXPECT_EQ(Read().module, ModuleKind::kBuiltin);
  host_.Loadable();
  EXPECT_EQ(Read().module, ModuleKind::kLoadable);
}

TEST_F(BootConfigTest, WithoutSysfsTheListOfBuiltinsDecides) {
  EXPECT_EQ(Read().module, ModuleKind::kUnknown);
  host_.File("/lib/modules/6.1.0-18-amd64/modules.builtin", "kernel/net/netfilter/x.ko\n");
  EXPECT_EQ(Read().module, ModuleKind::kLoadable);
  host_.File("/lib/modules/6.1.0-18-amd64/modules.builtin",
             "kernel/net/netfilter/nf_conntrack.ko\n");
  EXPECT_EQ(Read().module, ModuleKind::kBuiltin);
}

TEST_F(BootConfigTest, ModulesLoadFoldersLoadItEarly) {
  host_.Loadable();
  EXPECT_FALSE(Read().loaded_early);
  host_.File("/etc/modules", "nf_conntrack\n");
  EXPECT_FALSE(Read().loaded_early) << "systemd reads it through a link only";
  host_.Link("/etc/modules-load.d/modules.conf", "../modules");
  EXPECT_TRUE(Read().loaded_early);
  host_.File("/etc/modules", "# nf_conntrack\n");
  EXPECT_FALSE(Read().loaded_early);
  host_.File("/usr/lib/modules-load.d/nat.conf", "nf_nat\n");
  EXPECT_TRUE(Read().loaded_early);
  host_.Link("/etc/modules-load.d/nat.conf", "/dev/null");
  EXPECT_FALSE(Read().loaded_early);
  host_.Proc("cmdline", "modules_load=nf_conntrack\n");
  EXPECT_TRUE(Read().loaded_early);
}

TEST_F(BootConfigTest, AModuleThatThisKernelDoesNotHaveLoadsNothing) {
  host_.Loadable()
      .File("/etc/modules-load.d/k8s.conf", "nf_conntrack_ipv4\n")
      .File("/lib/modules/6.1.0-18-amd64/modules.dep",
            "kernel/nf_conntrack.ko:\nkernel/nf_nat.ko: kernel/nf_conntrack.ko\n");
  EXPECT_FALSE(Read().loaded_early);
  host_.File("/etc/modules-load.d/k8s.conf", "nf_conntrack_ipv4\nnf_nat\n");
  EXPECT_TRUE(Read().loaded_early);
}

TEST_F(BootConfigTest, SysctlConfIsReadThroughALinkOrWithoutSystemd) {
  host_.File("/etc/sysctl.conf", "net.netfilter.nf_conntrack_max = 5\n");
  EXPECT_THAT(Read().unlinked.assignments(), SizeIs(1));
  EXPECT_THAT(Read().plan.assignments(), IsEmpty());
  host_.Link("/etc/sysctl.d/99-sysctl.conf", "/etc/sysctl.conf");
  EXPECT_THAT(Read().unlinked.assignments(), IsEmpty());
  ASSERT_THAT(Read().plan.assignments(), SizeIs(1));
  EXPECT_EQ(Read().plan.assignments()[0].source.ToString(), "/etc/sysctl.d/99-sysctl.conf:1");
}

TEST(BootConfigWithoutSystemd, SysctlConfAndModulesAreRead) {
  test::HostTree host;
  host.Loadable()
      .File("/etc/sysctl.conf", "net.netfilter.nf_conntrack_max = 5\n")
      .File("/etc/sysctl.d/a.conf", "net.netfilter.nf_conntrack_max = 4\n")
      .File("/etc/modules", "nf_conntrack\n");
  std::filesystem::remove(host.path() / "usr/lib/systemd/systemd");
  const auto boot = ReadBootConfig(host.root(), host.proc(), host.sys());
  EXPECT_TRUE(boot.loaded_early);
  ASSERT_THAT(boot.plan.assignments(), SizeIs(1));
  EXPECT_EQ(boot.plan.assignments()[0].source.ToString(), "/etc/sysctl.conf:1");
}

TEST_F(BootConfigTest, TheLastHashSizeCountsAndThatOfTheCommandLineIsLast) {
  EXPECT_FALSE(Read().hash_size.has_value());
  host_.File("/etc/modprobe.d/50-a.conf", "options nf_conntrack hashsize=1\n")
      .File("/usr/lib/modprobe.d/60-b.conf", "#\noptions nf-conntrack acct=1 hashsize=2\n")
      .File("/etc/modprobe.d/70-c.conf", "options nf_conntrack acct=1\n");
  EXPECT_EQ(Read().hash_size, (HashSize{"2", {"/usr/lib/modprobe.d/60-b.conf", 2}, false}));
  host_.Proc("cmdline", "nf_conntrack.hashsize=3\n");
  EXPECT_EQ(Read().hash_size, (HashSize{"3", {"/proc/cmdline", 0}, true}));
}

TEST_F(BootConfigTest, OldKernelsTakeNoSysctlsFromTheirCommandLine) {
  host_.Proc("cmdline", "sysctl.net.netfilter.nf_conntrack_max=5\n");
  EXPECT_THAT(Read().command_line, SizeIs(1));
  host_.Proc("sys/kernel/osrelease", "5.7.19\n");
  EXPECT_THAT(Read().command_line, IsEmpty());
  host_.Proc("sys/kernel/osrelease", "5.8.0-rc1\n");
  EXPECT_THAT(Read().command_line, SizeIs(1));
}

TEST_F(BootConfigTest, CommandsThatRunWhenTheModuleAppearsAreFound) {
  host_.Loadable()
      .File("/etc/udev/rules.d/99-conntrack.rules",
            "ACTION==\"add\", SUBSYSTEM==\"module\", KERNEL==\"nf_conntrack\", "
            "RUN+=\"/lib/systemd/systemd-sysctl --prefix=/net/netfilter\"\n")
      .File("/usr/lib/udev/rules.d/99-systemd.rules",
            "ACTION==\"add\", SUBSYSTEM==\"net\", KERNEL!=\"lo\", "
            "RUN+=\"/lib/systemd/systemd-sysctl --prefix=/net/ipv4/conf/$name\"\n")
      .File("/etc/modprobe.d/x.conf",
            "install nf_conntrack modprobe -i nf_conntrack; sysctl -w net.nf_conntrack_max=9\n");
  auto boot = Read();
  ASSERT_THAT(boot.when_loaded, SizeIs(2));
  EXPECT_TRUE(boot.when_loaded[0].sysctl_conf);  // a shell
  EXPECT_EQ(boot.when_loaded[1].prefixes, std::vector<std::string>{"net/netfilter"});
  host_.Link("/run/udev/rules.d/99-conntrack.rules", "/dev/null");
  EXPECT_THAT(Read().when_loaded, SizeIs(2)) << "/etc comes before /run";
}

TEST_F(BootConfigTest, WhatCannotBeReadIsNamed) {
  host_.Link("/etc/sysctl.d/gone.conf", "/nowhere").Link("/etc/modprobe.d/a.conf", "a.conf");
  const auto boot = Read();
  ASSERT_THAT(boot.unreadable, SizeIs(2));
  EXPECT_EQ(boot.unreadable[0].path, "/etc/sysctl.d/gone.conf");
  EXPECT_EQ(boot.unreadable[1].path, "/etc/modprobe.d/a.conf");
}

}  // namespace
}  // namespace conntrack::kernel
