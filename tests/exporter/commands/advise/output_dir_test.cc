#include "exporter/commands/advise/advise.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <sstream>

#include "tests/support/temp_tree.h"

namespace conntrack::exporter::advise {
namespace {

namespace fs = std::filesystem;
using conntrack::test::TempTree;
using testing::HasSubstr;

std::string ContentOf(const fs::path& path) {
  std::ostringstream content;
  content << std::ifstream(path).rdbuf();
  return content.str();
}

TEST(OutputDir, FoldersOfTheSystemAreRefusedHoweverTheyAreSpelled) {
  const TempTree tree;
  fs::create_directory_symlink("/etc", tree.root() / "link");
  for (const auto& folder : std::vector<fs::path>{
           "/etc", "/etc/", "/etc/sysctl.d", "//etc//sysctl.d", "/tmp/../etc", "/usr/lib/sysctl.d",
           "/run/sysctl.d", "/var/run/sysctl.d", "/lib/sysctl.d", "/proc/sys", "/etc/new/folder",
           tree.root() / "link", tree.root() / "link/sysctl.d", tree.root() / "link/new",
           tree.root() / "missing/../link"}) {
    const auto refused = WhyRefused(folder, "/");
    ASSERT_TRUE(refused.has_value()) << folder;
    EXPECT_THAT(refused->message, HasSubstr("--output-dir")) << folder;
    EXPECT_THAT(refused->remedy, HasSubstr("./conntrack-advice")) << folder;
  }
}

TEST(OutputDir, ARelativePathIsSeenThrough) {
  const auto before = fs::current_path();
  fs::current_path("/tmp");
  EXPECT_TRUE(WhyRefused("../etc/sysctl.d", "/").has_value());
  fs::current_path("/etc");
  EXPECT_TRUE(WhyRefused("advice", "/").has_value());
  EXPECT_TRUE(WhyRefused(".", "/").has_value());
  fs::current_path(before);
}

TEST(OutputDir, TheHostsFoldersAreRefusedBelowItsRoot) {
  const TempTree host;
  fs::create_directories(host.root() / "etc/sysctl.d");
  EXPECT_TRUE(WhyRefused(host.root() / "etc/sysctl.d", host.root()).has_value());
  EXPECT_FALSE(WhyRefused(host.root() / "etc/sysctl.d", "/").has_value());
}

TEST(OutputDir, OtherFoldersAreFineEvenWithSuchNames) {
  const TempTree tree;
  for (const auto& folder :
       {tree.root(), tree.root() / "etc", tree.root() / "new/folder", fs::path("/etcetera")}) {
    EXPECT_FALSE(WhyRefused(folder, "/").has_value()) << folder;
  }
}

TEST(OutputDir, FilesAreWrittenReadableIntoAFolderThatIsMade) {
  const TempTree tree;
  const auto folder = tree.root() / "a/b";
  ASSERT_TRUE(WriteFiles(folder, {{"one", "1\n"}, {"two", ""}}, false).has_value());
  EXPECT_EQ(ContentOf(folder / "one"), "1\n");
  EXPECT_TRUE(fs::exists(folder / "two"));
  EXPECT_EQ(fs::status(folder / "one").permissions() & fs::perms::all,
            fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read |
                fs::perms::others_read);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), {}), 2);  // nothing unfinished is left
}

TEST(OutputDir, WhatIsThereIsKeptAndNothingElseWritten) {
  TempTree tree;
  tree.Write("two", "mine");
  const auto written = WriteFiles(tree.root(), {{"one", "1"}, {"two", "2"}}, false);
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind, ErrorKind::kHeldBack);
  EXPECT_THAT(written.error().remedy, HasSubstr("--force"));
  EXPECT_EQ(ContentOf(tree.root() / "two"), "mine");
  EXPECT_FALSE(fs::exists(tree.root() / "one"));
}

TEST(OutputDir, ReplacingFollowsNoLink) {
  TempTree tree;
  tree.Write("elsewhere", "untouched");
  fs::create_directory(tree.root() / "out");
  fs::create_symlink(tree.root() / "elsewhere", tree.root() / "out/one");
  EXPECT_FALSE(WriteFiles(tree.root() / "out", {{"one", "1"}}, false).has_value());
  ASSERT_TRUE(WriteFiles(tree.root() / "out", {{"one", "1"}}, true).has_value());
  EXPECT_EQ(ContentOf(tree.root() / "out/one"), "1");
  EXPECT_EQ(ContentOf(tree.root() / "elsewhere"), "untouched");
}

TEST(OutputDir, AFileInPlaceOfTheFolderIsNamed) {
  TempTree tree;
  tree.Write("file", "");
  const auto written = WriteFiles(tree.root() / "file", {{"one", "1"}}, false);
  ASSERT_FALSE(written.has_value());
  EXPECT_THAT(written.error().message, HasSubstr("file"));
}

}  // namespace
}  // namespace conntrack::exporter::advise
