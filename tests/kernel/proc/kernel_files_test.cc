#include "kernel/proc/kernel_files.h"

#include <gmock/gmock.h>

#include "kernel/proc/sysctl.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(KernelFiles, ReadsAFileLongerThanOneChunk) {
  test::TempTree tree;
  const std::string text(100'000, 'x');
  tree.Write("long", text);
  EXPECT_EQ(KernelFiles(tree.root()).Read("long").value(), text);
}

TEST(KernelFiles, NamesAMissingFile) {
  const test::TempTree tree;
  const auto missing = KernelFiles(tree.root()).Read("net/stat/nf_conntrack");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(missing.error().message, HasSubstr("net/stat/nf_conntrack"));
}

TEST(KernelFiles, RefusesAFileThatNeverEnds) {
  const auto endless = KernelFiles("/dev").Read("zero");
  ASSERT_FALSE(endless.has_value());
  EXPECT_EQ(endless.error().kind, ErrorKind::kMalformed);
}

TEST(KernelFiles, ReadsLinksThatLeadNowhere) {
  test::TempTree tree;
  tree.Link("net", "net:[4026531840]").Write("file", "");
  const KernelFiles files(tree.root());
  EXPECT_EQ(files.ReadLink("net").value(), "net:[4026531840]");
  EXPECT_EQ(files.ReadLink("missing").error().kind, ErrorKind::kAbsent);
  EXPECT_FALSE(files.ReadLink("file").has_value());
}

TEST(KernelFiles, InodeIsThatOfWhatALinkLeadsTo) {
  test::TempTree tree;
  tree.Write("file", "").Link("link", "file").Link("nowhere", "missing");
  const KernelFiles files(tree.root());
  EXPECT_EQ(files.Inode("link").value(), files.Inode("file").value());
  EXPECT_EQ(files.Inode("nowhere").error().kind, ErrorKind::kAbsent);
}

TEST(KernelFiles, AFolderIsNoFile) { EXPECT_FALSE(KernelFiles("/proc").Read("self").has_value()); }

TEST(KernelFiles, ReadsNumbersWithTheirNewline) {
  test::TempTree tree;
  tree.Write("number", "262144\n").Write("negative", "-1\n");
  EXPECT_EQ(KernelFiles(tree.root()).ReadNumber("number").value(), 262144);
  EXPECT_EQ(KernelFiles(tree.root()).ReadNumber("negative").value(), -1);
}

TEST(KernelFiles, TakesNothingButOneNumberForANumber) {
  test::TempTree tree;
  tree.Write("two", "1 2\n")
      .Write("empty", "")
      .Write("word", "0x10\n")
      .Write("huge", "99999999999999999999\n");
  for (const auto* name : {"two", "empty", "word", "huge"}) {
    const auto number = KernelFiles(tree.root()).ReadNumber(name);
    ASSERT_FALSE(number.has_value()) << name;
    EXPECT_EQ(number.error().kind, ErrorKind::kMalformed) << name;
    EXPECT_THAT(number.error().message, HasSubstr(name));
  }
}

TEST(KernelFiles, ListsNamesInOrder) {
  test::TempTree tree;
  tree.Write("d/b", "").Write("d/a", "");
  EXPECT_THAT(KernelFiles(tree.root()).List("d").value(), ElementsAre("a", "b"));
  EXPECT_EQ(KernelFiles(tree.root()).List("none").error().kind, ErrorKind::kAbsent);
}

TEST(KernelFiles, FindsTextAcrossTheChunksItReads) {
  test::TempTree tree;
  tree.Write("names", std::string(65530, 'x') + "ctnetlink_" + std::string(200000, 'y'));
  const KernelFiles files(tree.root());
  EXPECT_EQ(files.Contains("names", "ctnetlink_"), true);
  EXPECT_EQ(files.Contains("names", "xctnetlink_y"), true);
  EXPECT_EQ(files.Contains("names", "ctnetlink_x"), false);
  EXPECT_EQ(files.Contains("names", std::string(65531, 'x')), false);
  EXPECT_EQ(files.Contains("none", "x").error().kind, ErrorKind::kAbsent);
}

}  // namespace
}  // namespace conntrack::kernel
