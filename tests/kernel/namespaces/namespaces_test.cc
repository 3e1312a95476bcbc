#include "kernel/namespaces/namespaces.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "tests/support/process_tree.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// What is bound in a tree is a file that holds the inode of the namespace; an empty one is bare.
Result<std::uint64_t> InodeInFile(const std::filesystem::path& path) {
  const auto number = KernelFiles("/").ReadNumber(path.string());
  if (!number) return Fail(ErrorKind::kAbsent, "nothing is mounted there");
  return static_cast<std::uint64_t>(*number);
}

Result<Discovery> Discover(
    const test::ProcessTree& tree, const std::function<bool()>& keep_going = [] { return true; }) {
  return DiscoverNamespaces(KernelFiles(tree.proc()), KernelFiles(tree.root()), {InodeInFile, {}},
                            keep_going);
}

const NetworkNamespace* Find(const Discovery& discovery, std::uint64_t inode) {
  for (const auto& found : discovery.namespaces) {
    if (found.inode == inode) return &found;
  }
  return nullptr;
}

TEST(Namespaces, LinkIsParsedWholeOrNotAtAll) {
  EXPECT_EQ(ParseNamespaceLink("net:[4026531840]"), 4026531840U);
  for (const auto* link : {"", "net:[]", "net:[12", "mnt:[12]", "net:[12]x", "net:[0x12]",
                           "net:12]", "net:[99999999999999999999]"}) {
    EXPECT_EQ(ParseNamespaceLink(link), std::nullopt) << link;
  }
}

TEST(Namespaces, ProcessesAreGatheredByTheirNamespace) {
  test::ProcessTree tree;
  tree.Process(1, 100).Process(20, 200).Process(3, 200).Process(100, 100);
  const auto discovery = Discover(tree);
  ASSERT_THAT(discovery->namespaces, SizeIs(2));
  const auto* host = Find(*discovery, 100);
  EXPECT_THAT(host->processes, ElementsAre(1, 100));
  EXPECT_TRUE(host->is_host());
  EXPECT_TRUE(host->is_own);
  const auto* other = Find(*discovery, 200);
  EXPECT_THAT(other->processes, ElementsAre(3, 20));
  EXPECT_FALSE(other->is_host());
  EXPECT_FALSE(other->is_own);
  EXPECT_TRUE(other->stat_inode);
  EXPECT_NE(other->stat_inode, host->stat_inode);
  EXPECT_TRUE(discovery->has_stat_files);
  EXPECT_EQ(discovery->hidden_processes, 0U);
}

TEST(Namespaces, ProcessesOfOthersAreToldApartByTheirStatisticsFile) {
  test::ProcessTree tree;
  tree.Process(1, 100).Foreign(2, 100).Foreign(30, 300).Foreign(4, 300);
  const test::AsOrdinaryUser ordinary;
  const auto discovery = Discover(tree);
  ASSERT_THAT(discovery->namespaces, SizeIs(2));
  EXPECT_THAT(Find(*discovery, 100)->processes, ElementsAre(1, 2));
  const auto& foreign = discovery->namespaces.back();
  EXPECT_FALSE(foreign.inode);
  EXPECT_THAT(foreign.processes, ElementsAre(4, 30));
}

TEST(Namespaces, ProcessOneOfRootIsStillTheHost) {
  test::ProcessTree tree;
  tree.Foreign(1, 100).Process(7, 100);
  const test::AsOrdinaryUser ordinary;
  const auto discovery = Discover(tree);
  ASSERT_THAT(discovery->namespaces, SizeIs(1));
  EXPECT_TRUE(discovery->namespaces[0].is_host());
  EXPECT_EQ(discovery->namespaces[0].inode, 100U);
}

TEST(Namespaces, WhatIsNoProcessOrHasEndedIsPassedOver) {
  test::ProcessTree tree;
  tree.Process(1, 100).Zombie(5).files().Write("proc/meminfo", "").Write("proc/irq/7/spurious", "");
  const auto discovery = Discover(tree);
  EXPECT_THAT(discovery->namespaces, SizeIs(1));
  EXPECT_EQ(discovery->hidden_processes, 0U);
}

TEST(Namespaces, ProcessesThatTellNothingAreCounted) {
  test::ProcessTree tree;
  // As hidepid=1 has it: the folder can be seen, and nothing in it.
  tree.Process(1, 100).files().Link("proc/9", "../locked").Link("proc/10", "../locked");
  const test::AsOrdinaryUser ordinary;
  EXPECT_EQ(Discover(tree)->hidden_processes, 2U);
}

TEST(Namespaces, WithoutStatisticsFilesOnlyTheLinksTell) {
  test::ProcessTree tree;
  tree.files().Link("proc/1/ns/net", "net:[100]").Link("proc/2/ns", "../../locked");
  const test::AsOrdinaryUser ordinary;
  const auto discovery = Discover(tree);
  ASSERT_THAT(discovery->namespaces, SizeIs(1));
  EXPECT_FALSE(discovery->has_stat_files);
  EXPECT_FALSE(discovery->namespaces[0].stat_inode);
  EXPECT_EQ(discovery->hidden_processes, 1U);
}

TEST(Namespaces, NamesThatPeopleGaveComeFirst) {
  const std::string cni = "cni-2f7d0c4e-9f0b-4f8e-a1d6-0c5b7e9a1b2c";
  test::ProcessTree tree;
  tree.Process(1, 100)
      .Process(2, 200)
      .files()
      .Write("run/docker/netns/8a1c2a4e0d3f", "200\n")
      .Write("run/netns/" + cni, "200\n")
      .Write("run/netns/red", "200\n")
      .Write("run/netns/blue", "300\n")
      .Write("run/netns/qrouter-" + cni.substr(4), "400\n");
  const auto discovery = Discover(tree);
  ASSERT_THAT(discovery->namespaces, SizeIs(4));
  std::vector<std::string> names;
  for (const auto& name : Find(*discovery, 200)->names) names.push_back(name.name);
  EXPECT_THAT(names, ElementsAre("red", cni, "8a1c2a4e0d3f"));
  EXPECT_FALSE(Find(*discovery, 400)->names.front().generated);
  const auto* blue = Find(*discovery, 300);
  EXPECT_THAT(blue->processes, IsEmpty());
  EXPECT_EQ(blue->names.front().path, tree.root() / "run/netns/blue");
  EXPECT_FALSE(blue->names.front().generated);
}

TEST(Namespaces, AFileThatNothingIsMountedOnIsNoNamespace) {
  test::ProcessTree tree;
  tree.Process(1, 100).files().Write("run/netns/left-over", "");
  EXPECT_THAT(Discover(tree)->namespaces, SizeIs(1));
}

TEST(Namespaces, FoldersOfNamesThatCannotBeListedAreReported) {
  test::ProcessTree tree;
  tree.Process(1, 100).files().Link("run/docker/netns", "../../locked");
  const test::AsOrdinaryUser ordinary;
  const auto discovery = Discover(tree);
  ASSERT_THAT(discovery->errors, SizeIs(1));
  EXPECT_EQ(discovery->errors[0].kind, ErrorKind::kDenied);
}

TEST(Namespaces, StopsWhenTimeIsUp) {
  test::ProcessTree tree;
  tree.Process(1, 100).Process(2, 100);
  int asked = 0;
  const auto discovery = Discover(tree, [&asked] { return ++asked < 2; });
  ASSERT_FALSE(discovery.has_value());
  EXPECT_EQ(discovery.error().kind, ErrorKind::kTimeout);
}

}  // namespace
}  // namespace conntrack::kernel
