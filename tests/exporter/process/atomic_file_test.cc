#include "exporter/process/atomic_file.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <atomic>
#include <cerrno>
#include <sstream>
#include <thread>

#include "tests/support/temp_tree.h"

namespace conntrack::exporter {
namespace {

using test::TempTree;
using testing::ElementsAre;
using testing::HasSubstr;

std::string Content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::string> Names(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

TEST(WriteFileAtomically, WritesAndReplacesAndLeavesNothingBeside) {
  const TempTree tree;
  const auto path = (tree.root() / "a.prom").string();
  ASSERT_TRUE(WriteFileAtomically(path, "one, and longer\n"));
  ASSERT_TRUE(WriteFileAtomically(path, "two\n"));
  EXPECT_EQ(Content(path), "two\n");
  EXPECT_THAT(Names(tree.root()), ElementsAre("a.prom"));
}

TEST(WriteFileAtomically, IsReadableByAllWhateverTheMask) {
  const TempTree tree;
  const auto path = (tree.root() / "a.prom").string();
  const auto mask = ::umask(0077);
  const auto written = WriteFileAtomically(path, "x");
  ::umask(mask);
  ASSERT_TRUE(written);
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0644U);
}

TEST(WriteFileAtomically, ReplacesALinkInsteadOfFollowingIt) {
  TempTree tree;
  tree.Write("elsewhere", "precious");
  const auto path = (tree.root() / "a.prom").string();
  std::filesystem::create_symlink(tree.root() / "elsewhere", path);
  ASSERT_TRUE(WriteFileAtomically(path, "x"));
  EXPECT_EQ(Content(tree.root() / "elsewhere"), "precious");
  EXPECT_EQ(Content(path), "x");
}

TEST(WriteFileAtomically, MissingFolderIsNamedWithARemedy) {
  const TempTree tree;
  const auto path = (tree.root() / "none" / "a.prom").string();
  const auto written = WriteFileAtomically(path, "x");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ENOENT);
  EXPECT_THAT(written.error().message, HasSubstr(path));
  EXPECT_THAT(written.error().remedy, HasSubstr("make the folder"));
}

TEST(WriteFileAtomically, WhatCannotBeReplacedStaysAndTheDraftGoes) {
  const TempTree tree;
  const auto path = tree.root() / "a.prom";
  std::filesystem::create_directory(path);
  EXPECT_FALSE(WriteFileAtomically(path.string(), "x"));
  EXPECT_THAT(Names(tree.root()), ElementsAre("a.prom"));
}

TEST(WriteFileAtomically, ReadersSeeOneFileOrTheOtherWhole) {
  const TempTree tree;
  const auto path = (tree.root() / "a.prom").string();
  constexpr std::size_t kSize = 100'000;  // several writes of a page each, were it written in place
  ASSERT_TRUE(WriteFileAtomically(path, std::string(kSize, 'a')));
  std::atomic<bool> done = false;
  std::jthread writer([&] {
    for (int i = 0; i < 500; ++i) {
      EXPECT_TRUE(WriteFileAtomically(path, std::string(kSize, i % 2 == 0 ? 'b' : 'a')));
    }
    done = true;
  });
  while (!done) {
    const auto seen = Content(path);
    ASSERT_EQ(seen.size(), kSize);
    ASSERT_EQ(seen.find_first_not_of(seen.front()), std::string::npos);
  }
}

}  // namespace
}  // namespace conntrack::exporter
