#include "kernel/namespaces/namespace_counts.h"

#include <gmock/gmock.h>

#include <cerrno>

#include "tests/support/fake_netlink_socket.h"
#include "tests/support/process_tree.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Answers with 7 entries, and 5 drops on one CPU.
test::Answer Answering(const CtnetlinkRequest& request) {
  test::DatagramBuilder datagram(test::kPort, request.sequence());
  if (request.query() == CtnetlinkQuery::kStatGlobal) {
    const auto entries = test::AttributeBuilder().Be32(CTA_STATS_GLOBAL_ENTRIES, 7);
    datagram.Message(test::kTableReply, test::NfMessage(0, 0, entries));
    return {{datagram.bytes()}, {}};
  }
  const auto drop = test::AttributeBuilder().Be32(CTA_STATS_DROP, 5);
  datagram.Message(test::kStatReply, test::NfMessage(0, 0, drop));
  return {{datagram.Done().bytes()}, {}};
}

class NamespaceCountsTest : public testing::Test {
 protected:
  [[nodiscard]] Result<std::optional<NamespaceCounts>> Read(const NetworkNamespace& found,
                                                            bool has_stat_files = true) {
    const KernelFiles proc(tree.proc());
    const NamespaceEntry entry{
        {}, [this](const std::filesystem::path& path, const std::function<void()>& work) {
          return Enter(path, work);
        }};
    return ReadNamespaceCounts(found, has_stat_files, {proc, netlink, entry});
  }

  /// While it is inside, thread-self leads to the process whose number `inside` is.
  Result<void> Enter(const std::filesystem::path& path, const std::function<void()>& work) {
    entered.push_back(path.string());
    if (refusal != 0) return Fail(ErrorFromErrno(refusal, "entering " + path.string()));
    if (!inside.empty()) tree.files().Link("proc/thread-self", inside);
    work();
    std::filesystem::remove(tree.proc() / "thread-self");
    return {};
  }

  static BoundName Name(const std::string& name) { return {name, "/run/netns/" + name, false}; }

  test::ProcessTree tree;
  NetlinkSocketFactory netlink = test::RefusingKernel();
  std::string inside;
  int refusal = 0;
  std::vector<std::string> entered;
};

TEST_F(NamespaceCountsTest, AreReadThroughAnyProcessThatIsStillThere) {
  tree.Process(7, 200).Process(8, 200).Stat(200, {.entries = 12, .drop = 3}).End(7);
  const auto counts = Read({.processes = {7, 8}});
  ASSERT_TRUE(counts.value().has_value());
  EXPECT_EQ((*counts)->entries, 12U);
  EXPECT_EQ((*counts)->stat.cpus[1][StatCounter::kDrop], 3U);
  EXPECT_THAT(entered, IsEmpty());
}

TEST_F(NamespaceCountsTest, OfANamespaceThatIsGoneThereIsNothing) {
  EXPECT_EQ(Read({.processes = {7, 8}}).value(), std::nullopt);
  refusal = ENOENT;
  EXPECT_EQ(Read({.names = {Name("blue")}}).value(), std::nullopt);
}

TEST_F(NamespaceCountsTest, WithoutAProcessTheNamespaceIsEntered) {
  tree.Process(7, 200).Stat(200, {.entries = 12, .drop = 3});
  inside = "7";
  const auto counts = Read({.names = {Name("blue")}});
  ASSERT_TRUE(counts.value().has_value());
  EXPECT_EQ((*counts)->entries, 12U);
  EXPECT_EQ((*counts)->stat_inode, KernelFiles(tree.proc()).Inode(StatPathOf(7)).value());
  EXPECT_THAT(entered, ElementsAre("/run/netns/blue"));
}

TEST_F(NamespaceCountsTest, AfterItsLastProcessANamespaceIsReachedByItsName) {
  netlink = test::OpenFake(Answering);
  const auto counts = Read({.processes = {7}, .names = {Name("blue")}});
  ASSERT_TRUE(counts.value().has_value());
  EXPECT_EQ((*counts)->entries, 7U);
}

TEST_F(NamespaceCountsTest, WithoutStatisticsFilesCtnetlinkIsAskedInside) {
  netlink = test::OpenFake(Answering);
  const auto counts = Read({.processes = {7, 8}}, false);
  ASSERT_TRUE(counts.value().has_value());
  EXPECT_EQ((*counts)->entries, 7U);
  EXPECT_EQ((*counts)->stat.cpus[0][StatCounter::kDrop], 5U);
  EXPECT_FALSE((*counts)->stat_inode);
  EXPECT_THAT(entered, ElementsAre((tree.proc() / "7/ns/net").string()));
}

TEST_F(NamespaceCountsTest, OurOwnNamespaceNeedsNotBeEntered) {
  netlink = test::OpenFake(Answering);
  EXPECT_TRUE(Read({.processes = {7}, .is_own = true}, false).value().has_value());
  EXPECT_THAT(entered, IsEmpty());
}

TEST_F(NamespaceCountsTest, ARefusalIsAnErrorAndNotAnAbsence) {
  refusal = EPERM;
  EXPECT_EQ(Read({.names = {Name("blue")}}).error().kind, ErrorKind::kDenied);
  EXPECT_EQ(Read({.processes = {7}}, false).error().kind, ErrorKind::kDenied);
  refusal = 0;  // let in, but ctnetlink refuses
  EXPECT_EQ(Read({.processes = {7}}, false).error().kind, ErrorKind::kDenied);
}

TEST_F(NamespaceCountsTest, AFileWithoutEntriesIsMalformed) {
  tree.Process(7, 200).Stat(200, "drop\n00000001\n");
  const auto counts = Read({.processes = {7}});
  EXPECT_EQ(counts.error().kind, ErrorKind::kMalformed);
  EXPECT_THAT(counts.error().message, HasSubstr("entries"));
}

}  // namespace
}  // namespace conntrack::kernel
