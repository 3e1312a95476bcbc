#include "kernel/proc/presence.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <memory>
#include <string>

#include "kernel/netlink/netlink_socket.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

using testing::HasSubstr;

constexpr const char* kCount = "proc/sys/net/netfilter/nf_conntrack_count";
constexpr const char* kBuiltInNames =
    "0000000000000000 T nf_conntrack_in\n0000000000000000 t ctnetlink_dump_table\n";
constexpr const char* kOtherNames =
    "0000000000000000 T nf_conntrack_in\n0000000000000000 D nf_ctnetlink_has_listener\n";
using std::string_literals::operator""s;

class PresenceTest : public testing::Test {
 protected:
  PresenceTest() { tree_.Write("sys/module/kernel/parameters/panic", "0\n"); }

  [[nodiscard]] std::shared_ptr<const Presence> Now() const {
    return std::make_shared<const Presence>(KernelFiles(tree_.root() / "proc"),
                                            KernelFiles(tree_.root() / "sys"));
  }
  void Remove(const char* path) const { std::filesystem::remove_all(tree_.root() / path); }
  void LoadModule(const std::string& name) {
    tree_.Write("sys/module/" + name + "/initstate", "live\n");
  }

  test::TempTree tree_;
};

TEST_F(PresenceTest, NothingIsThereBeforeTheModuleIs) {
  const auto presence = Now();
  EXPECT_EQ(presence->Table().error().kind, ErrorKind::kNotLoaded);
  EXPECT_THAT(presence->Table().error().remedy, HasSubstr("modprobe nf_conntrack_netlink,"));
  EXPECT_THAT(presence->Table().error().remedy, HasSubstr("/etc/modules-load.d"));
  EXPECT_EQ(presence->Ctnetlink().error(), presence->Table().error());
}

TEST_F(PresenceTest, ModulesAreFollowedAsTheyComeAndGo) {
  const auto presence = Now();
  tree_.Write(kCount, "0\n");
  LoadModule("nf_conntrack");
  EXPECT_TRUE(presence->Table());
  EXPECT_EQ(presence->Ctnetlink().error().kind, ErrorKind::kNotLoaded);
  EXPECT_THAT(presence->Ctnetlink().error().remedy, HasSubstr("modprobe nf_conntrack_netlink"));
  LoadModule("nf_conntrack_netlink");
  EXPECT_TRUE(presence->Ctnetlink());
  Remove("sys/module/nf_conntrack_netlink");
  EXPECT_FALSE(presence->Ctnetlink());
  Remove("sys/module/nf_conntrack");
  Remove(kCount);
  EXPECT_FALSE(presence->Table());
}

TEST_F(PresenceTest, WhatIsHiddenIsNotTakenForAbsent) {
  Remove("sys");
  tree_.Write("proc/1/status", "");  // mounted with subset=pid
  const auto presence = Now();
  EXPECT_EQ(presence->Table().error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(presence->Table().error().remedy, HasSubstr("subset=pid"));
  EXPECT_EQ(presence->Ctnetlink().error(), presence->Table().error());
  tree_.Write("proc/sys/net/core/somaxconn", "4096\n");
  EXPECT_EQ(presence->Table().error().kind, ErrorKind::kNotLoaded);
}

TEST_F(PresenceTest, ATableIsKnownByItsCountersWhereAllElseIsHidden) {
  Remove("sys");
  tree_.Write("proc/net/stat/nf_conntrack", "entries\n");
  EXPECT_TRUE(Now()->Table());
}

TEST_F(PresenceTest, AModuleIsKnownWhereItsSysctlsAreHidden) {
  LoadModule("nf_conntrack");
  EXPECT_TRUE(Now()->Table());
}

TEST_F(PresenceTest, WithoutSysfsModulesAreThoseThatAreListed) {
  Remove("sys");
  tree_.Write(kCount, "0\n");
  tree_.Write("proc/modules",
              "nf_conntrack 12 1 nf_nat, Live 0x0\nnf_conntrack_x 1 0 - Live 0x0\n");
  EXPECT_EQ(Now()->Ctnetlink().error().kind, ErrorKind::kNotLoaded);
  tree_.Write("proc/modules",
              "nf_conntrack_netlink 1 0 - Live 0x0\nnf_conntrack 12 1 - Live 0x0\n");
  EXPECT_TRUE(Now()->Ctnetlink());
}

TEST_F(PresenceTest, WhatIsBuiltInIsKnownByItsNames) {
  tree_.Write("sys/module/nf_conntrack/parameters/hashsize", "1024\n");
  tree_.Write("proc/kallsyms", kBuiltInNames);
  EXPECT_TRUE(Now()->Table());
  const auto presence = Now();
  EXPECT_TRUE(presence->Ctnetlink());
  Remove("proc/kallsyms");
  EXPECT_TRUE(presence->Ctnetlink()) << "looked up once";
}

TEST_F(PresenceTest, AModuleBesideABuiltInTableIsSeenOnceItIsLoaded) {
  tree_.Write(kCount, "0\n");
  tree_.Write("proc/kallsyms", kOtherNames);
  const auto presence = Now();
  EXPECT_EQ(presence->Ctnetlink().error().kind, ErrorKind::kNotLoaded);
  LoadModule("nf_conntrack_netlink");
  EXPECT_TRUE(presence->Ctnetlink());
}

TEST_F(PresenceTest, AModuleThatIsBeingUnloadedIsNotLoaded) {
  LoadModule("nf_conntrack");
  LoadModule("nf_conntrack_netlink");
  ASSERT_TRUE(Now()->Ctnetlink());
  tree_.Write("sys/module/nf_conntrack_netlink/initstate", "going\n");
  EXPECT_EQ(Now()->Ctnetlink().error().kind, ErrorKind::kNotLoaded);
  EXPECT_TRUE(Now()->Table());
  tree_.Write("sys/module/nf_conntrack/initstate", "going\n");
  EXPECT_EQ(Now()->Table().error().kind, ErrorKind::kNotLoaded);
  tree_.Write("proc/modules", "nf_conntrack_netlink 1 0 - Unloading 0x0\n");
  tree_.Write("proc/sys/net/core/somaxconn", "4096\n");
  Remove("sys/module");
  EXPECT_EQ(Now()->Ctnetlink().error().kind, ErrorKind::kNotLoaded);
}

TEST_F(PresenceTest, TypesOfTheKernelTellWhereNamesAreHidden) {
  tree_.Write(kCount, "0\n");
  tree_.Write("proc/kallsyms", "");  // as one that is masked
  tree_.Write("sys/kernel/btf/vmlinux", "nf_conntrack_in\0ctnetlink_dump_table"s);
  EXPECT_TRUE(Now()->Ctnetlink());
  tree_.Write("sys/kernel/btf/vmlinux", "nf_ctnetlink_has_listener\0nf_conntrack_in"s);
  EXPECT_EQ(Now()->Ctnetlink().error().kind, ErrorKind::kNotLoaded);
}

TEST_F(PresenceTest, AskingDoesNoHarmWhereTheKernelHasNoModules) {
  tree_.Write(kCount, "0\n");
  tree_.Write("proc/version", "Linux version 6.18\n");
  EXPECT_TRUE(Now()->Ctnetlink());
}

TEST_F(PresenceTest, WhatCannotBeKnownIsNotAskedFor) {
  tree_.Write(kCount, "0\n");
  EXPECT_EQ(Now()->Ctnetlink().error().kind, ErrorKind::kHeldBack) << "all but sysctls is hidden";
  tree_.Write("proc/version", "Linux version 6.18\n");
  tree_.Write("proc/modules", "");
  EXPECT_EQ(Now()->Ctnetlink().error().kind, ErrorKind::kHeldBack);
  EXPECT_THAT(Now()->Ctnetlink().error().remedy, HasSubstr("/proc/kallsyms"));
}

TEST_F(PresenceTest, NoSocketIsOpenedWhereThatCouldLoadAModule) {
  EXPECT_EQ(OpenNetlinkSocket(Now()).error().kind, ErrorKind::kNotLoaded);
  EXPECT_EQ(OpenEventSocket(*Now(), 4096).error().kind, ErrorKind::kNotLoaded);
}

TEST_F(PresenceTest, AnOpenSocketSendsNothingOnceTheModuleIsGone) {
  tree_.Write(kCount, "0\n");
  LoadModule("nf_conntrack");
  LoadModule("nf_conntrack_netlink");
  const auto port = OpenNetlinkSocket(Now());
  if (!port) GTEST_SKIP() << "SKIPPED: no netfilter socket here: " << port.error().message;
  Remove("sys/module/nf_conntrack_netlink");
  const auto sent = (*port)->Send(CtnetlinkRequest(CtnetlinkQuery::kStatGlobal, 1));
  EXPECT_EQ(sent.error().kind, ErrorKind::kNotLoaded);
}

TEST_F(PresenceTest, ListingSocketsLoadsNoModule) {
  EXPECT_EQ(Now()->SockDiag().error().kind, ErrorKind::kHeldBack) << "nothing can be seen";
  tree_.Write("proc/kallsyms", "0 T inet_csk_accept\n0 t tcp_diag_dump\n");
  const auto modules = Now();
  EXPECT_EQ(modules->SockDiag().error().kind, ErrorKind::kNotLoaded);
  EXPECT_THAT(modules->SockDiag().error().message, HasSubstr("inet_diag is not loaded"));
  for (const auto* module : {"inet_diag", "tcp_diag"}) LoadModule(module);
  EXPECT_THAT(modules->SockDiag().error().message, HasSubstr("udp_diag is not loaded"));
  LoadModule("udp_diag");
  EXPECT_TRUE(modules->SockDiag());
  Remove("sys/module/tcp_diag");
  EXPECT_FALSE(modules->SockDiag());
}

TEST_F(PresenceTest, ListingSocketsMayBeBuiltIn) {
  tree_.Write("sys/kernel/btf/vmlinux",
              "\0inet_csk_accept\0inet_diag_handler_cmd\0tcp_diag_dump\0udp_diag_dump\0"s);
  EXPECT_TRUE(Now()->SockDiag());
}

}  // namespace
}  // namespace conntrack::kernel
