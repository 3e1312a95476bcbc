#include "exporter/commands/commands.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include "exporter/process/atomic_file.h"
#include "kernel/thread.h"
#include "tests/support/fake_collector.h"
#include "tests/support/temp_tree.h"
#include "tests/support/test_access.h"

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

using test::FakeCollector;
using testing::Not;

std::vector<NamedCollector> Only(FakeCollector::Function collect) {
  std::vector<NamedCollector> collectors;
  collectors.push_back({"fake", std::make_unique<FakeCollector>(std::move(collect))});
  return collectors;
}

Result<Collection> One(const ScrapeContext&) {
  return Collection{{Gauge("conntrack_one", "Help.", 1)}, {}, "test"};
}

std::string Content(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class TextfileTest : public testing::Test {
 protected:
  TextfileTest() { options_.output.textfile = path_; }

  int Execute(FakeCollector::Function collect) {
    return Textfile(options_, Only(std::move(collect)), test::AccessTo("6.18-2cpu"), out_);
  }
  [[nodiscard]] bool FolderIsEmpty() const { return std::filesystem::is_empty(tree_.root()); }

  const kernel::BlockedStopSignals blocked_;
  const TempTree tree_;
  const std::string path_ = (tree_.root() / "conntrack.prom").string();
  std::ostringstream out_;
  Options options_;
};

TEST_F(TextfileTest, WritesOnceWithoutWhatNodeExporterHasItself) {
  EXPECT_EQ(Execute(One), 0);
  const auto text = Content(path_);
  EXPECT_THAT(text, HasSubstr("\nconntrack_one 1\n"));
  EXPECT_THAT(text, HasSubstr("\nconntrack_scrape_collector_success{collector=\"fake\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nconntrack_exporter_build_info{"));
  EXPECT_THAT(text, Not(HasSubstr("process_")));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(TextfileTest, ACollectorThatFailsIsInTheFileAsSuch) {
  EXPECT_EQ(Execute([](const ScrapeContext&) -> Result<Collection> {
              return Fail(ErrorKind::kDenied, "no");
            }),
            0);
  EXPECT_THAT(Content(path_), HasSubstr("success{collector=\"fake\"} 0\n"));
}

TEST_F(TextfileTest, MinusIsStandardOutput) {
  options_.output.textfile = "-";
  options_.exporter_metrics = false;
  EXPECT_EQ(Execute(One), 0);
  EXPECT_THAT(out_.str(), HasSubstr("\nconntrack_one 1\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("build_info")));
  EXPECT_TRUE(FolderIsEmpty());
}

TEST_F(TextfileTest, StandardOutputThatTakesNothingIsOne) {
  options_.output.textfile = "-";
  out_.setstate(std::ios::badbit);
  EXPECT_EQ(Execute(One), 1);
}

TEST_F(TextfileTest, APathThatCannotBeWrittenIsOne) {
  options_.output.textfile = (tree_.root() / "none" / "a.prom").string();
  EXPECT_EQ(Execute(One), 1);
}

TEST_F(TextfileTest, ASignalDuringTheOnlyScrapeIsOneAndWritesNothing) {
  EXPECT_EQ(Execute([](const ScrapeContext& context) -> Result<Collection> {
              ::kill(::getpid(), SIGTERM);
              while (!context.stop.stop_requested()) std::this_thread::yield();
              return Fail(ErrorKind::kTimeout, "stopped");
            }),
            1);
  EXPECT_TRUE(FolderIsEmpty());
}

TEST_F(TextfileTest, GoesOnUntilASignal) {
  options_.output.interval = 0.001;
  int scrapes = 0;
  EXPECT_EQ(Execute([&](const ScrapeContext& context) {
              if (++scrapes == 5) ::kill(::getpid(), SIGTERM);
              return One(context);
            }),
            0);
  EXPECT_GE(scrapes, 5);
  EXPECT_THAT(Content(path_), HasSubstr("conntrack_one"));
}

TEST_F(TextfileTest, AWriteThatFailsLaterIsTriedAgain) {
  options_.output.interval = 0.001;
  int scrapes = 0;
  EXPECT_EQ(Execute([&](const ScrapeContext& context) {
              ++scrapes;
              // Gone for the third and fourth write, and back.
              if (scrapes == 3) std::filesystem::remove_all(tree_.root());
              if (scrapes == 5) std::filesystem::create_directory(tree_.root());
              if (scrapes == 8) ::kill(::getpid(), SIGTERM);
              return One(context);
            }),
            0);
  EXPECT_THAT(Content(path_), HasSubstr("conntrack_one"));
}

}  // namespace
}  // namespace conntrack::exporter
