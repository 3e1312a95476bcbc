#include "exporter/commands/textfile.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <sstream>

#include "tests/support/blocked_stop_signals.h"
#include "tests/support/fake_collector.h"
#include "tests/support/temp_tree.h"

namespace conntrack::exporter {
namespace {

using test::FakeCollector;
using test::TempTree;
using testing::HasSubstr;
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
    return Textfile(options_, Only(std::move(collect)), out_);
  }
  [[nodiscard]] bool FolderIsEmpty() const { return std::filesystem::is_empty(tree_.root()); }

  const test::BlockedStopSignals blocked_;
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
