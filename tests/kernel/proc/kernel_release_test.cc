#include "kernel/proc/kernel_release.h"

#include <gtest/gtest.h>

#include "tests/support/captures.h"

namespace conntrack::kernel {
namespace {

TEST(KernelRelease, IsTheFirstTwoNumbers) {
  EXPECT_EQ(ParseKernelRelease("6.1.0-26-amd64\n").value(), (KernelRelease{6, 1}));
  EXPECT_EQ(ParseKernelRelease("7.0-rc1").value(), (KernelRelease{7, 0}));
  EXPECT_EQ(ParseKernelRelease("2.6.32-754.el6.x86_64").value(), (KernelRelease{2, 6}));
  EXPECT_EQ(ParseKernelRelease("5.15+").value(), (KernelRelease{5, 15}));
}

TEST(KernelRelease, IsOrderedByNumberNotByText) {
  EXPECT_LT((KernelRelease{5, 4}), (KernelRelease{5, 15}));
  EXPECT_LT((KernelRelease{5, 19}), (KernelRelease{6, 0}));
}

TEST(KernelRelease, WhatIsNoReleaseIsNamed) {
  for (const auto* text : {"", "6", "six.one", "6.", ".1", "-6.1"}) {
    const auto release = ParseKernelRelease(text);
    ASSERT_FALSE(release.has_value()) << text;
    EXPECT_EQ(release.error().kind, ErrorKind::kMalformed);
  }
}

TEST(KernelRelease, IsReadFromTheKernel) {
  EXPECT_EQ(ReadKernelRelease(KernelFiles(test::Capture("4.19-2cpu") / "proc")).value(),
            (KernelRelease{4, 19}));
}

}  // namespace
}  // namespace conntrack::kernel
