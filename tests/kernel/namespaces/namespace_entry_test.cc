// On the running kernel, as far as no right is needed; tests/live/netns_test.py goes in.
#include "kernel/namespaces/namespace_entry.h"

#include <gmock/gmock.h>

#include "kernel/namespaces/namespaces.h"
#include "kernel/proc/kernel_files.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

TEST(NamespaceEntry, TheInodeIsTheOneThatLinksShow) {
  const auto link = KernelFiles("/proc").ReadLink("self/ns/net");
  EXPECT_EQ(NamespaceInode("/proc/self/ns/net").value(), ParseNamespaceLink(link.value()));
}

TEST(NamespaceEntry, AnOrdinaryFileIsNoNamespace) {
  test::TempTree tree;
  tree.Write("left-over", "");
  EXPECT_EQ(NamespaceInode(tree.root() / "left-over").error().kind, ErrorKind::kAbsent);
  EXPECT_EQ(NamespaceInode(tree.root() / "nothing").error().kind, ErrorKind::kAbsent);
}

TEST(NamespaceEntry, WhatCannotBeEnteredRunsNothing) {
  test::TempTree tree;
  tree.Write("left-over", "");
  bool ran = false;
  const auto work = [&ran] { ran = true; };
  EXPECT_EQ(RunInNamespace(tree.root() / "nothing", work).error().kind, ErrorKind::kAbsent);
  EXPECT_EQ(RunInNamespace(tree.root() / "left-over", work).error().kind, ErrorKind::kAbsent);
  const auto other_kind = RunInNamespace("/proc/self/ns/mnt", work);
  ASSERT_FALSE(other_kind.has_value());
  EXPECT_NE(other_kind.error().kind, ErrorKind::kAbsent);
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace conntrack::kernel
