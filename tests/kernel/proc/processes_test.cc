#include "kernel/proc/processes.h"

#include <gmock/gmock.h>

#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ProcessesTest : public testing::Test {
 protected:
  void Process(const std::string& id, const std::string& name, const std::string& command_line,
               const std::string& network = "net:[1]") {
    tree_.Write(id + "/comm", name + "\n").Write(id + "/cmdline", command_line);
    tree_.Link(id + "/ns/net", network);
  }

  ProcessSearch Find(std::string_view name) const {
    return FindProcesses(KernelFiles(tree_.root()), {&name, 1});
  }

  test::TempTree tree_;
};

TEST_F(ProcessesTest, NameAndArguments) {
  Process("1", "systemd", "/sbin/init");
  Process("20", "kubelet", std::string("/usr/bin/kubelet\0--v=2\0", 23));
  Process("30", "kubelet-helper", "");
  const auto search = Find("kubelet");
  ASSERT_EQ(search.found.size(), 1U);
  EXPECT_EQ(search.found[0].id, 20U);
  EXPECT_THAT(search.found[0].arguments, ElementsAre("/usr/bin/kubelet", "--v=2"));
  EXPECT_EQ(search.Find("kubelet"), &search.found[0]);
  EXPECT_EQ(search.Find("kubele"), nullptr);
}

TEST_F(ProcessesTest, ProcessesInOtherNetworkNamespacesAreOfContainers) {
  Process("1", "systemd", "/sbin/init");
  Process("20", "kubelet", "kubelet", "net:[2]");
  EXPECT_THAT(Find("kubelet").found, IsEmpty());
}

TEST_F(ProcessesTest, CompleteOnlyWhereTheKernelsOwnThreadsAreSeen) {
  Process("1", "bash", "bash");
  EXPECT_FALSE(Find("kubelet").complete);
  Process("2", "sleep", "sleep");
  EXPECT_FALSE(Find("kubelet").complete);
  tree_.Write("2/comm", "kthreadd\n");
  EXPECT_TRUE(Find("kubelet").complete);
}

TEST_F(ProcessesTest, NetworkNamespacesAreComparedByInodeWhereLinksCannotBeRead) {
  tree_.Write("net/of_one", "").Write("net/of_two", "");
  tree_.Link("1/net/dev", "../../net/of_one").Link("7/net/dev", "../../net/of_one");
  tree_.Link("8/net/dev", "../../net/of_two");
  const KernelFiles proc(tree_.root());
  EXPECT_EQ(ShareNetworkNamespace(proc, "1", "7"), true);
  EXPECT_EQ(ShareNetworkNamespace(proc, "1", "8"), false);
  EXPECT_EQ(ShareNetworkNamespace(proc, "1", "9"), std::nullopt);
}

}  // namespace
}  // namespace conntrack::kernel
