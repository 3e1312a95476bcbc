#include "collectors/kernel/kernel_release.h"

#include <gmock/gmock.h>

namespace conntrack::kernel {
namespace {

TEST(KernelRelease, IsTheFirstTwoNumbers) {
  EXPECT_EQ(ParseKernelRelease("6.1.0-18-amd64\n"), (KernelRelease{6, 1}));
  EXPECT_EQ(ParseKernelRelease("3.10.0-1160.el7.x86_64\n"), (KernelRelease{3, 10}));
  EXPECT_EQ(ParseKernelRelease("7.0-rc1\n"), (KernelRelease{7, 0}));
}

TEST(KernelRelease, OrdersByNumberNotByText) {
  EXPECT_LT((KernelRelease{4, 9}), (KernelRelease{4, 18}));
  EXPECT_LT((KernelRelease{4, 18}), (KernelRelease{5, 0}));
}

TEST(KernelRelease, RefusesWhatDoesNotBeginWithTwoNumbers) {
  for (const auto* text : {"", "\n", "linux", "6", "6.", ".1", "six.one", "-6.1"}) {
    EXPECT_EQ(ParseKernelRelease(text).error().kind, ErrorKind::kMalformed) << text;
  }
}

}  // namespace
}  // namespace conntrack::kernel
