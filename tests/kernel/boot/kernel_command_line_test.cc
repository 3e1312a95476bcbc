#include "kernel/boot/kernel_command_line.h"

#include <gmock/gmock.h>

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(KernelCommandLine, HasSysctlsHashSizeAndModules) {
  const auto line = ParseKernelCommandLine(
      "BOOT_IMAGE=/vmlinuz ro sysctl.net.netfilter.nf_conntrack_max=500000 "
      "nf_conntrack.hashsize=100 nf-conntrack.hashsize=200 modules_load=nf_conntrack,,tun "
      "sysctl/net/nf_conntrack_max=7 rd.modules-load=x quiet\n");
  EXPECT_THAT(
      line.sysctls,
      ElementsAre(SysctlAssignment{"net/netfilter/nf_conntrack_max", "500000", {kCommandLine, 0}},
                  SysctlAssignment{"net/nf_conntrack_max", "7", {kCommandLine, 0}}));
  EXPECT_THAT(line.options, ElementsAre("hashsize=100", "hashsize=200"));
  EXPECT_THAT(line.modules, ElementsAre("nf_conntrack", "tun"));
  EXPECT_THAT(line.initrd_modules, ElementsAre("x"));
}

TEST(KernelCommandLine, HasModulesThatAreNotToBeLoaded) {
  const auto line = ParseKernelCommandLine(
      "modprobe.blacklist=nf-conntrack,a module_blacklist=nf_nat modprobe.blacklist=b\n");
  EXPECT_THAT(line.deny_listed, ElementsAre("nf_conntrack", "a", "b"));
  EXPECT_THAT(line.forbidden, ElementsAre("nf_nat"));
}

TEST(KernelCommandLine, QuotesHoldBlanks) {
  const auto line = ParseKernelCommandLine(
      "a=\"x nf_conntrack.hashsize=1\" \"nf_conntrack.hashsize=2\" b=\"unfinished sysctl.a=1");
  EXPECT_THAT(line.options, ElementsAre("hashsize=2"));
  EXPECT_THAT(line.sysctls, IsEmpty());
}

TEST(KernelCommandLine, WhatIsForInitIsNotForTheKernel) {
  const auto line =
      ParseKernelCommandLine("-- sysctl.a.b=1 nf_conntrack.hashsize=5 modules_load=m");
  EXPECT_THAT(line.sysctls, IsEmpty());
  EXPECT_THAT(line.options, IsEmpty());
  EXPECT_THAT(line.modules, ElementsAre("m"));
}

TEST(KernelCommandLine, WithoutAnyOfThemItIsEmpty) {
  for (const auto* text : {"", "\n", "quiet", "sysctl.a.b", "sysctl.a.b=", "sysctls.a=1", "="}) {
    const auto line = ParseKernelCommandLine(text);
    EXPECT_THAT(line.sysctls, IsEmpty()) << text;
    EXPECT_THAT(line.modules, IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace conntrack::kernel
