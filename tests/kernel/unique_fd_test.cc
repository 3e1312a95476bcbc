#include "kernel/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace conntrack::kernel {
namespace {

bool IsOpen(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }
int Open() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

TEST(UniqueFd, ClosesAtTheEnd) {
  const int fd = Open();
  { const UniqueFd owner(fd); }
  EXPECT_FALSE(IsOpen(fd));
}

TEST(UniqueFd, MoveAssignmentClosesWhatWasThere) {
  const int first = Open();
  const int second = Open();
  UniqueFd owner(first);
  owner = UniqueFd(second);
  EXPECT_FALSE(IsOpen(first));
  EXPECT_TRUE(IsOpen(second));
  EXPECT_EQ(owner.get(), second);
}

TEST(UniqueFd, SurvivesAMoveOntoItself) {
  UniqueFd owner(Open());
  const int fd = owner.get();
  auto& same = owner;
  owner = std::move(same);
  EXPECT_EQ(owner.get(), fd);
  EXPECT_TRUE(IsOpen(fd));
}

TEST(UniqueFd, ReleaseGivesTheDescriptorAway) {
  UniqueFd owner(Open());
  const UniqueFd next(owner.release());
  EXPECT_FALSE(static_cast<bool>(owner));
  EXPECT_TRUE(IsOpen(next.get()));
}

}  // namespace
}  // namespace conntrack::kernel
