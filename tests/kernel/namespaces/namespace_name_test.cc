#include "kernel/namespaces/namespace_name.h"

#include <gmock/gmock.h>

#include "tests/support/process_tree.h"

namespace conntrack::kernel {
namespace {

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

TEST_F(NamespaceNameTest, BytesThatAreNotPrintableAreReplaced) {
  tree.Process(7, 200, "a\x01\xff\xc3z");
  EXPECT_EQ(Name({.processes = {7}}).name, "a???z");
  EXPECT_EQ(Name({.names = {{"bl\xc3\xbc", "/run/netns/x", false}}}).name, "bl??");
}

}  // namespace
}  // namespace conntrack::kernel
