#include "exporter/metrics/scraper.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/support/fake_collector.h"
#include "tests/support/families.h"

namespace conntrack::exporter {
namespace {

using test::FakeCollector;
using test::ValueOf;
using testing::HasSubstr;
using testing::IsEmpty;

NamedCollector Named(const std::string& name, FakeCollector::Function collect) {
  return {name, std::make_unique<FakeCollector>(std::move(collect))};
}

Result<Collection> OneGauge(const ScrapeContext&) {
  return Collection{{Gauge("a_gauge", "h", 1)}, {}, "fake"};
}

template <class... Entries>
Scraper MakeScraper(Entries... entries) {
  std::vector<NamedCollector> collectors;
  (collectors.push_back(std::move(entries)), ...);
  return Scraper(std::move(collectors));
}

std::optional<double> Success(const std::vector<Family>& families, const std::string& name) {
  return ValueOf(families, "conntrack_scrape_collector_success", {{"collector", name}});
}

TEST(Scraper, OneFailingOrThrowingCollectorHidesNoOther) {
  auto scraper = MakeScraper(
      Named("fails",
            [](const ScrapeContext&) -> Result<Collection> {
              return Fail(ErrorKind::kDenied, "no");
            }),
      Named("throws",
            [](const ScrapeContext&) -> Result<Collection> { throw std::runtime_error("bug"); }),
      Named("throws_other", [](const ScrapeContext&) -> Result<Collection> { throw 42; }),
      Named("works", OneGauge));
  const auto families = scraper.Scrape(scraper.names(), test::Patient());
  EXPECT_EQ(ValueOf(families, "a_gauge"), 1);
  EXPECT_EQ(Success(families, "fails"), 0);
  EXPECT_EQ(Success(families, "throws"), 0);
  EXPECT_EQ(Success(families, "throws_other"), 0);
  EXPECT_EQ(Success(families, "works"), 1);
  EXPECT_TRUE(
      ValueOf(families, "conntrack_scrape_collector_duration_seconds", {{"collector", "throws"}}));
}

TEST(Scraper, TellsForHowLongACollectorHasBeenAtWork) {
  std::chrono::steady_clock::duration inside{};
  Scraper* told = nullptr;
  auto scraper = MakeScraper(Named("works", [&](const ScrapeContext& context) {
    while (inside == inside.zero()) inside = told->longest_under_way();
    return OneGauge(context);
  }));
  told = &scraper;
  EXPECT_EQ(scraper.longest_under_way(), std::chrono::steady_clock::duration::zero());
  static_cast<void>(scraper.Scrape(scraper.names(), test::Patient()));
  EXPECT_GT(inside.count(), 0);
  EXPECT_EQ(scraper.longest_under_way(), std::chrono::steady_clock::duration::zero());
}

TEST(Scraper, ARunTellsHowEachCollectorFared) {
  auto scraper = MakeScraper(Named("works", OneGauge),
                             Named("fails", [](const ScrapeContext&) -> Result<Collection> {
                               return Fail(ErrorKind::kDenied, "no", "ask");
                             }));
  const auto runs = scraper.Run({"fails", "works"}, test::Patient());
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].name, "works");
  EXPECT_EQ(runs[0].outcome.value().source, "fake");
  EXPECT_EQ(runs[1].name, "fails");
  EXPECT_EQ(runs[1].outcome.error().remedy, "ask");
  EXPECT_GE(runs[1].took.count(), 0);
}

TEST(Scraper, RunsOnlyWhatIsAskedFor) {
  auto scraper = MakeScraper(Named("one", OneGauge), Named("two", OneGauge));
  const auto families = scraper.Scrape({"two", "stranger"}, test::Patient());
  EXPECT_FALSE(Success(families, "one").has_value());
  EXPECT_EQ(Success(families, "two"), 1);
  EXPECT_FALSE(Success(families, "stranger").has_value());
}

TEST(Scraper, LogsAChangeOnceAndNotEachScrape) {
  Error error{ErrorKind::kDenied, 1, "CAP_NET_ADMIN is missing", "give it"};
  bool fail = true;
  auto scraper =
      MakeScraper(Named("flows", [&](const ScrapeContext& context) -> Result<Collection> {
        error.message += ".";  // a number in a message may differ each time
        if (fail) return Fail(error);
        return OneGauge(context);
      }));
  const auto logged = [&] {
    testing::internal::CaptureStderr();
    (void)scraper.Scrape({"flows"}, test::Patient());
    return testing::internal::GetCapturedStderr();
  };
  const auto first = logged();
  EXPECT_THAT(first, HasSubstr("CAP_NET_ADMIN"));
  EXPECT_THAT(first, HasSubstr("remedy=\"give it\""));
  EXPECT_THAT(logged(), IsEmpty());
  fail = false;
  EXPECT_THAT(logged(), HasSubstr("collector reads"));
  EXPECT_THAT(logged(), IsEmpty());
}

TEST(Scraper, SaysOnceWhatIsLeftOut) {
  auto scraper = MakeScraper(Named("table", [](const ScrapeContext&) -> Result<Collection> {
    return Collection{
        {},
        {{"conntrack_expectations", Error{ErrorKind::kAbsent, 2, "no file", "load it"}}},
        "sysctl"};
  }));
  testing::internal::CaptureStderr();
  (void)scraper.Scrape({"table"}, test::Patient());
  (void)scraper.Scrape({"table"}, test::Patient());
  const auto lines = testing::internal::GetCapturedStderr();
  EXPECT_THAT(lines, HasSubstr("part=conntrack_expectations"));
  EXPECT_EQ(lines.find("part="), lines.rfind("part="));
}

}  // namespace
}  // namespace conntrack::exporter
