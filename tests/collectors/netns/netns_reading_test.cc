#include "collectors/netns/netns_reading.h"

#include <gmock/gmock.h>

#include <set>

namespace conntrack {
namespace {

using kernel::NamespaceKind;
using testing::ElementsAre;

NamedNamespace Process(const std::string& command, std::uint64_t inode) {
  return {{NamespaceKind::kProcess, command}, inode};
}

TEST(NetnsNames, ANameOfItsOwnIsKept) {
  EXPECT_THAT(UniqueNames({{{NamespaceKind::kHost, "host"}, 1}, Process("nginx", 2)}),
              ElementsAre("host", "nginx"));
}

TEST(NetnsNames, EachOfTheSameNameGetsItsInode) {
  EXPECT_THAT(UniqueNames({Process("nginx", 1), Process("cat", 2), Process("nginx", 3)}),
              ElementsAre("nginx@1", "cat", "nginx@3"));
}

TEST(NetnsNames, OurOwnWordsAreNobodysName) {
  EXPECT_THAT(UniqueNames({Process("host", 1), Process("other", 2)}),
              ElementsAre("host@1", "other@2"));
}

TEST(NetnsNames, ACommandCannotTakeTheNameOfAnother) {
  const auto names = UniqueNames({Process("nginx@1", 2), Process("nginx", 1), Process("nginx", 3)});
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), 3U);
  EXPECT_THAT(names, ElementsAre("nginx@1@2", "nginx@1", "nginx@3"));
  EXPECT_THAT(UniqueNames({Process("getty@tty1", 1), Process("x@", 2)}),
              ElementsAre("getty@tty1", "x@"));
}

}  // namespace
}  // namespace conntrack
