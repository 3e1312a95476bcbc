#include "collectors/flows/flow_source_choice.h"

#include <gmock/gmock.h>

#include "tests/support/fake_flow_walk_programs.h"
#include "tests/support/fake_netlink_socket.h"
#include "tests/support/temp_tree.h"

namespace conntrack {
namespace {

const Error kReason{ErrorKind::kDenied, 0, "loading the BPF programs: Operation not permitted",
                    "give CAP_BPF"};

class Ignore final : public kernel::FlowVisitor {
 public:
  void Begin() override {}
  void Visit(const kernel::Flow&) override {}
};

class FlowSourceChoiceTest : public testing::Test {
 protected:
  std::unique_ptr<kernel::FlowSource> Make(FlowSourceChoice choice, bool bpf) {
    if (bpf) {
      access_.flow_walk = std::make_shared<test::FakeFlowWalkPrograms>();
    } else {
      access_.flow_walk = Fail(kReason);
    }
    return MakeFlowSource(access_, {.choice = choice});
  }

  test::TempTree tree_;
  KernelAccess access_{kernel::KernelFiles(tree_.root()), kernel::KernelFiles(tree_.root()),
                       kernel::KernelFiles(tree_.root()), test::RefusingKernel()};
  Ignore visitor_;
};

TEST_F(FlowSourceChoiceTest, AutoIsBpfWhereItIsThere) {
  EXPECT_EQ(Make(FlowSourceChoice::kAuto, true)->name(), "bpf");
  const auto source = Make(FlowSourceChoice::kAuto, false);
  EXPECT_EQ(source->name(), "ctnetlink");
  EXPECT_EQ(source->fallback_reason(), kReason);
}

TEST_F(FlowSourceChoiceTest, NetlinkIsNothingElse) {
  const auto source = Make(FlowSourceChoice::kNetlink, true);
  EXPECT_EQ(source->name(), "ctnetlink");
  EXPECT_FALSE(source->fallback_reason());
}

TEST_F(FlowSourceChoiceTest, BpfIsNothingElseOrTheReason) {
  EXPECT_EQ(Make(FlowSourceChoice::kBpf, true)->name(), "bpf");
  const auto source = Make(FlowSourceChoice::kBpf, false);
  EXPECT_EQ(source->name(), "bpf");
  EXPECT_EQ(source->Walk(visitor_, {}).error(), kReason);
}

}  // namespace
}  // namespace conntrack
