#include "kernel/namespaces/namespace_name.h"

#include <gmock/gmock.h>

#include <ostream>

#include "tests/support/process_tree.h"

namespace conntrack::kernel {

void PrintTo(const CgroupName& name, std::ostream* out) {
  *out << static_cast<int>(name.kind) << " " << name.name;
}

namespace {

using testing::Optional;

constexpr const char* kId = "8a1c2a4e0d3f55aa8a1c2a4e0d3f55aa8a1c2a4e0d3f55aa8a1c2a4e0d3f55aa";
constexpr const char* kInnerId = "ffffffffffff55aa8a1c2a4e0d3f55aa8a1c2a4e0d3f55aa8a1c2a4e0d3f55aa";
constexpr const char* kUid = "2f7d0c4e-9f0b-4f8e-a1d6-0c5b7e9a1b2c";
constexpr const char* kSliceUid = "2f7d0c4e_9f0b_4f8e_a1d6_0c5b7e9a1b2c";

/// In a path, ID, INNER, UID and SLICEUID stand for the constants above.
std::string Filled(std::string path) {
  for (const auto& [word, value] : {std::pair("SLICEUID", kSliceUid), std::pair("UID", kUid),
                                    std::pair("INNER", kInnerId), std::pair("ID", kId)}) {
    for (auto at = path.find(word); at != std::string::npos; at = path.find(word)) {
      path.replace(at, std::string_view(word).size(), value);
    }
  }
  return path;
}

std::optional<CgroupName> NameOfPath(const std::string& path) {
  return NameFromCgroup("0::" + Filled(path) + "\n");
}

TEST(CgroupName, ContainersOfEveryRuntimeAreNamedByTheirShortId) {
  const CgroupName container{CgroupKind::kContainer, "8a1c2a4e0d3f"};
  for (const auto* path :
       {"/system.slice/docker-ID.scope", "/docker/ID", "/docker/ID/init.scope",
        "/machine.slice/libpod-ID.scope/container", "/system.slice/cri-containerd-ID.scope",
        "/machine.slice/machine-libpod_pod_ID.slice/libpod-ID.scope",
        "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container",
        "/system.slice/docker-ID.scope/system.slice/nginx.service", "/default/ID",
        "/ecs/29de4f7c0b9e4f3a9f1c9d2e6b7a8c90/ID", "/../cri-containerd-ID.scope"}) {
    EXPECT_THAT(NameOfPath(path), Optional(container)) << path;
  }
}

TEST(CgroupName, ContainersOfAPodAreThePod) {
  const CgroupName pod{CgroupKind::kPod, kUid, "8a1c2a4e0d3f"};
  for (const auto* path :
       {"/kubepods/burstable/podUID/ID",
        "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podSLICEUID.slice/"
        "cri-containerd-ID.scope",
        "/kubepods.slice/kubepods-podSLICEUID.slice/crio-ID.scope",
        "/kubepods.slice/kubepods-podSLICEUID.slice/docker-ID.scope",
        "/system.slice/containerd.service/kubepods-besteffort-podSLICEUID.slice:cri-containerd:ID",
        "/../../kubepods-besteffort-podSLICEUID.slice/cri-containerd-ID.scope/nginx.service",
        "/docker/INNER/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-podSLICEUID.slice/"
        "cri-containerd-ID.scope"}) {
    EXPECT_THAT(NameOfPath(path), Optional(pod)) << path;
  }
  EXPECT_THAT(
      NameOfPath("/kubepods/pod0123456789abcdef0123456789abcdef/ID"),
      Optional(CgroupName{CgroupKind::kPod, "0123456789abcdef0123456789abcdef", "8a1c2a4e0d3f"}));
  EXPECT_THAT(NameOfPath("/kubepods/podUID"), Optional(CgroupName{CgroupKind::kPod, kUid}));
}

TEST(CgroupName, AContainerInsideAContainerHasItsOwnName) {
  const CgroupName inner{CgroupKind::kContainer, "ffffffffffff"};
  EXPECT_THAT(NameOfPath("/docker/ID/docker/INNER"), Optional(inner));
  EXPECT_THAT(NameOfPath("/kubepods/podUID/ID/docker/INNER"), Optional(inner));
}

TEST(CgroupName, LxcContainersHaveNamesOfTheirOwn) {
  EXPECT_THAT(NameOfPath("/lxc.payload.web-1/init.scope"),
              Optional(CgroupName{CgroupKind::kContainer, "web-1"}));
  EXPECT_THAT(NameOfPath("/lxc/101/ns"), Optional(CgroupName{CgroupKind::kContainer, "101"}));
  EXPECT_EQ(NameOfPath("/lxc.monitor.web-1"), std::nullopt);
}

TEST(CgroupName, UnitsAreNamedAsSystemctlNamesThem) {
  EXPECT_THAT(NameOfPath("/system.slice/colord.service"),
              Optional(CgroupName{CgroupKind::kUnit, "colord.service"}));
  EXPECT_THAT(NameOfPath("/system.slice/system-openvpn.slice/openvpn@home.service/worker"),
              Optional(CgroupName{CgroupKind::kUnit, "openvpn@home.service"}));
  EXPECT_THAT(NameOfPath("/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope"),
              Optional(CgroupName{CgroupKind::kUnit, "run-r1.scope"}));
}

TEST(CgroupName, SessionsMonitorsAndPlainGroupsNameNobody) {
  for (const auto* path :
       {"/", "/init.scope", "/user.slice/user-0.slice/session-3.scope",
        "/user.slice/user-1000.slice/user@1000.service/init.scope", "/system.slice",
        "/machine.slice/libpod-conmon-ID.scope", "/crio-conmon-ID.scope", "/podman/thing", "/xID",
        "/kubepods/podnotauid", "/lxc.payload."}) {
    EXPECT_EQ(NameOfPath(path), std::nullopt) << path;
  }
}

TEST(CgroupName, OfSeveralHierarchiesTheMostTellingIsTaken) {
  EXPECT_THAT(NameFromCgroup(Filled("12:pids:/system.slice/docker.service\n"
                                    "2:cpu,cpuacct:/docker/ID\n"
                                    "1:name=systemd:/docker/ID\n"
                                    "0::/system.slice/containerd.service\n")),
              Optional(CgroupName{CgroupKind::kContainer, "8a1c2a4e0d3f"}));
  EXPECT_THAT(NameFromCgroup("9:name=systemd:/system.slice/unbound.service\n0::/\n"),
              Optional(CgroupName{CgroupKind::kUnit, "unbound.service"}));
}

TEST(CgroupName, WhatIsNoCgroupFileNamesNobody) {
  for (const auto* text : {"", "\n\n", "0:", "::", "no colon", "0::", ":::::", "0::////"}) {
    EXPECT_EQ(NameFromCgroup(text), std::nullopt) << text;
  }
}

TEST(IsMadeUp, OnlyWhatContainerRuntimesMakeUp) {
  const std::string uuid = "2f7d0c4e-9f0b-4f8e-a1d6-0c5b7e9a1b2c";
  for (const auto& name : {"cni-" + uuid, "netns-" + uuid, uuid}) {
    EXPECT_TRUE(IsMadeUp(name)) << name;
  }
  for (const auto& name : {"qrouter-" + uuid, "qdhcp-" + uuid, "snat-" + uuid, "fip-" + uuid,
                           "ovnmeta-" + uuid, "vpc-" + uuid, uuid + "-1", "x" + uuid,
                           std::string("cni-"), std::string("cni-blue"), std::string("blue")}) {
    EXPECT_FALSE(IsMadeUp(name)) << name;
  }
}

constexpr const char* kDocker =
    "0::/docker/8a1c2a4e0d3f55aa8a1c2a4e0d3f55aa8a1c2a4e0d3f55aa8a1c2a4e0d3f55aa\n";
constexpr const char* kUnit = "0::/system.slice/colord.service\n";
constexpr const char* kPod = "0::/kubepods/pod2f7d0c4e-9f0b-4f8e-a1d6-0c5b7e9a1b2c\n";

class NamespaceNameTest : public testing::Test {
 protected:
  [[nodiscard]] NamespaceName Name(const NetworkNamespace& found) const {
    return NameOf(found, KernelFiles(tree.proc()));
  }

  test::ProcessTree tree;
  const BoundName given{"blue", "/run/netns/blue", false};
  const BoundName generated{"cni-1", "/run/netns/cni-1", true};
};

TEST_F(NamespaceNameTest, TheNamespaceOfProcessOneIsTheHost) {
  tree.Process(1, 100, "systemd", kDocker);
  EXPECT_EQ(Name({.processes = {1, 7}, .names = {given}}),
            (NamespaceName{NamespaceKind::kHost, "host"}));
}

TEST_F(NamespaceNameTest, AGivenNameIsBetterThanAContainerAndThatThanAMadeUpName) {
  tree.Process(7, 200, "nginx", kDocker);
  EXPECT_EQ(Name({.processes = {7}, .names = {given, generated}}),
            (NamespaceName{NamespaceKind::kNamed, "blue"}));
  EXPECT_EQ(Name({.processes = {7}, .names = {generated}}),
            (NamespaceName{NamespaceKind::kContainer, "8a1c2a4e0d3f"}));
}

TEST_F(NamespaceNameTest, AMadeUpNameIsBetterThanAUnit) {
  tree.Process(7, 200, "colord", kUnit);
  EXPECT_EQ(Name({.processes = {7}, .names = {generated}}),
            (NamespaceName{NamespaceKind::kNamed, "cni-1"}));
  EXPECT_EQ(Name({.processes = {7}}), (NamespaceName{NamespaceKind::kUnit, "colord.service"}));
}

TEST_F(NamespaceNameTest, PodsAreNamedByTheirUid) {
  tree.Process(7, 200, "pause", kPod);
  EXPECT_EQ(Name({.processes = {7}}),
            (NamespaceName{NamespaceKind::kPod, "2f7d0c4e-9f0b-4f8e-a1d6-0c5b7e9a1b2c"}));
}

TEST_F(NamespaceNameTest, WithoutAllThatTheFirstProcessIsTheName) {
  tree.Process(7, 200, "dnsmasq").Process(9, 200, "sleep");
  EXPECT_EQ(Name({.processes = {7, 9}}), (NamespaceName{NamespaceKind::kProcess, "dnsmasq"}));
  tree.End(7);
  EXPECT_EQ(Name({.processes = {7, 9}}), (NamespaceName{NamespaceKind::kProcess, "sleep"}));
  tree.End(9);
  EXPECT_EQ(Name({.processes = {7, 9}}), (NamespaceName{NamespaceKind::kProcess, "unknown"}));
}

TEST_F(NamespaceNameTest, BytesThatAreNotPrintableStayAsTheyAre) {
  tree.Process(7, 200, "a\x01\xff\xc3z");
  EXPECT_EQ(Name({.processes = {7}}).name, "a\x01\xff\xc3z");
  EXPECT_EQ(Name({.names = {{"bl\xc3\xbc", "/run/netns/x", false}}}).name, "bl\xc3\xbc");
}

}  // namespace
}  // namespace conntrack::kernel
