#include "exporter/web/pages/metrics_handler.h"

#include <gmock/gmock.h>

#include <memory>
#include <stdexcept>

#include "gunzip.h"
#include "tests/support/fake_collector.h"

namespace conntrack::exporter::web {
namespace {

using namespace std::chrono_literals;
using test::FakeCollector;
using testing::HasSubstr;

NamedCollector Fake(std::string name, FakeCollector::Function act) {
  return {std::move(name), std::make_unique<FakeCollector>(std::move(act))};
}

FakeCollector::Function Yields(std::string_view family) {
  return [family](const ScrapeContext&) {
    return Collection{{Gauge(family, "Help.", 1)}, {}, "test"};
  };
}

// Names of families that are not about collectors, one a line.
std::string RenderNames(const std::vector<CollectorRun>& runs, MetricsFormat) {
  std::string text;
  for (const Family& family : FamiliesOf(runs)) {
    if (family.name.find("scrape_collector") != std::string_view::npos) continue;
    text.append(family.name).append("\n");
  }
  return text;
}

template <class... Collectors>
std::vector<NamedCollector> List(Collectors... collectors) {
  std::vector<NamedCollector> list;
  (list.push_back(std::move(collectors)), ...);
  return list;
}

HttpRequest Request(std::string query = "", std::vector<HttpHeader> headers = {}) {
  return {"GET", "/metrics", std::move(query), "1.1", std::move(headers)};
}

std::string HeaderOf(const HttpResponse& response, std::string_view name) {
  for (const HttpHeader& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return "";
}

TEST(MetricsHandler, AnswersInTheTextFormat) {
  ReadingScheduler scheduler(List(Fake("a", Yields("a_one")), Fake("b", Yields("b_one"))));
  const HttpResponse response = MetricsHandler(scheduler, RenderNames, {}).Handle(Request());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(response.body, "a_one\nb_one\n");
  EXPECT_EQ(HeaderOf(response, "Vary"), "Accept, Accept-Encoding");
  EXPECT_EQ(HeaderOf(response, "Content-Encoding"), "");
}

TEST(MetricsHandler, RendersWhatItSaysInContentType) {
  ReadingScheduler scheduler(List(Fake("a", Yields("a_one"))));
  const auto render = [](const std::vector<CollectorRun>&, MetricsFormat format) {
    return std::string(ContentType(format));
  };
  MetricsHandler handler(scheduler, render, {});
  for (const auto* accept :
       {"application/openmetrics-text;version=1.0.0", "application/openmetrics-text;version=0.0.1",
        "text/plain", "image/png"}) {
    const HttpResponse plain = handler.Handle(Request("", {{"accept", accept}}));
    EXPECT_EQ(plain.body, plain.content_type) << accept;
    const HttpResponse zipped =
        handler.Handle(Request("", {{"Accept", accept}, {"Accept-Encoding", "gzip"}}));
    EXPECT_EQ(Gunzip(zipped.body), zipped.content_type) << accept;
    EXPECT_EQ(zipped.content_type, plain.content_type) << accept;
  }
}

TEST(MetricsHandler, FailingAndThrowingCollectorsDoNotFailTheScrape) {
  ReadingScheduler scheduler(List(
      Fake("throws",
           [](const ScrapeContext&) -> Result<Collection> { throw std::runtime_error("x"); }),
      Fake("fails",
           [](const ScrapeContext&) -> Result<Collection> { return Fail(ErrorKind::kIo, "y"); }),
      Fake("works", Yields("works_one"))));
  const HttpResponse response = MetricsHandler(scheduler, RenderNames, {}).Handle(Request());
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "works_one\n");
}

TEST(MetricsHandler, NothingToRenderIsStillAnAnswer) {
  ReadingScheduler scheduler(List(Fake("a", Yields("a_one"))));
  MetricsHandler handler(scheduler, RenderNames, {});
  const HttpResponse response = handler.Handle(Request("exclude[]=a"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "");
}

TEST(MetricsHandler, SelectsCollectors) {
  ReadingScheduler scheduler(List(Fake("a", Yields("a_one")), Fake("b", Yields("b_one"))));
  MetricsHandler handler(scheduler, RenderNames, {});
  EXPECT_EQ(handler.Handle(Request("collect%5B%5D=b")).body, "b_one\n");
  EXPECT_EQ(handler.Handle(Request("exclude[]=b")).body, "a_one\n");
}

TEST(MetricsHandler, WrongQueriesAre400AndRunNothing) {
  int runs = 0;
  ReadingScheduler scheduler(List(Fake("a", [&](const ScrapeContext&) -> Result<Collection> {
    ++runs;
    return Collection{};
  })));
  MetricsHandler handler(scheduler, RenderNames, {});
  for (const auto* query :
       {"collect[]=nope", "collect[]=a&exclude[]=a", "collect[]=%zz", "exclude[]="}) {
    EXPECT_EQ(handler.Handle(Request(query)).status, 400) << query;
  }
  EXPECT_EQ(runs, 0);
  EXPECT_THAT(handler.Handle(Request("collect[]=nope")).body, HasSubstr("\"nope\""));
}

TEST(MetricsHandler, CompressesWhereAsked) {
  ReadingScheduler scheduler(List(Fake("a", Yields("a_one"))));
  MetricsHandler handler(scheduler, RenderNames, {});
  const HttpResponse zipped = handler.Handle(Request("", {{"accept-encoding", "gzip"}}));
  EXPECT_EQ(HeaderOf(zipped, "Content-Encoding"), "gzip");
  EXPECT_EQ(HeaderOf(zipped, "Vary"), "Accept, Accept-Encoding");
  EXPECT_EQ(Gunzip(zipped.body), "a_one\n");
  EXPECT_EQ(handler.Handle(Request("", {{"Accept-Encoding", "gzip;q=0"}})).body, "a_one\n");
}

// The time that a collector has which waits for what another thread reads.
std::chrono::duration<double> TimeGiven(std::vector<HttpHeader> headers) {
  std::chrono::duration<double> given{};
  const auto before = std::chrono::steady_clock::now();
  auto waiting = std::make_unique<FakeCollector>(
      [&](const ScrapeContext& context) -> Result<Collection> {
        given = context.deadline - before;
        return Collection{};
      },
      0s);
  ReadingScheduler scheduler(List(NamedCollector{"a", std::move(waiting)}));
  MetricsHandlerOptions options;
  options.default_timeout = 1000s;
  options.timeout_offset = 100s;
  EXPECT_EQ(MetricsHandler(scheduler, RenderNames, options).Handle(Request("", headers)).status,
            200);
  return given;
}

// Between the two clocks of one request lies anything up to what a busy machine takes, but never
// less than nothing.
TEST(MetricsHandler, DeadlineIsThatOfPrometheusLessTheOffset) {
  const auto given = TimeGiven({{"x-prometheus-scrape-timeout-seconds", "2000"}});
  EXPECT_GE(given, 1900s);
  EXPECT_LT(given, 2000s);
}

TEST(MetricsHandler, DeadlineIsTheDefaultWithoutASensibleHeader) {
  for (const auto& headers :
       {std::vector<HttpHeader>{},
        std::vector<HttpHeader>{{"X-Prometheus-Scrape-Timeout-Seconds", "nan"}}}) {
    const auto given = TimeGiven(headers);
    EXPECT_GE(given, 900s);
    EXPECT_LT(given, 1000s);
  }
}

std::chrono::milliseconds Budget(std::optional<std::string_view> header) {
  return ScrapeBudget(header, 10s, 500ms);
}

TEST(ScrapeBudget, IsTheTimeoutLessTheOffset) {
  EXPECT_EQ(Budget("10"), 9500ms);
  EXPECT_EQ(Budget("4.250000"), 3750ms);
  EXPECT_EQ(Budget("3600"), 3599500ms);
}

TEST(ScrapeBudget, FallsBackWithoutAHeader) { EXPECT_EQ(Budget(std::nullopt), 9500ms); }

TEST(ScrapeBudget, IgnoresNonsense) {
  for (const auto* header : {"", "abc", "5s", " 5", "5 ", "0x5", "nan", "-nan", "inf", "-5", "0",
                             "-0", "1e400", "1e-400", "3600.1", "1e18", "5,5", "+5", "--5"}) {
    EXPECT_EQ(Budget(header), 9500ms) << header;
  }
}

TEST(ScrapeBudget, NeverFallsBelowATenthOfTheTimeout) {
  EXPECT_EQ(Budget("0.5"), 50ms);
  EXPECT_EQ(Budget("0.1"), 10ms);
  EXPECT_EQ(Budget("0.55"), 55ms);
}

TEST(ScrapeBudget, IsNeverZero) { EXPECT_EQ(Budget("0.000001"), 1ms); }

using testing::AllOf;
using testing::ElementsAre;
using testing::Not;

const std::vector<std::string> kAvailable{"table", "stat", "flows"};

TEST(SelectCollectors, AllWithoutAWish) {
  EXPECT_EQ(SelectCollectors({}, kAvailable).value(), kAvailable);
  EXPECT_EQ(SelectCollectors({{"name[]", "x"}, {"collect", "x"}}, kAvailable).value(), kAvailable);
}

TEST(SelectCollectors, OnlyTheCollectedInTheOrderOfTheCatalogueAndOnce) {
  EXPECT_THAT(
      SelectCollectors({{"collect[]", "flows"}, {"collect[]", "table"}, {"collect[]", "flows"}},
                       kAvailable)
          .value(),
      ElementsAre("table", "flows"));
}

TEST(SelectCollectors, AllButTheExcluded) {
  EXPECT_THAT(SelectCollectors({{"exclude[]", "stat"}}, kAvailable).value(),
              ElementsAre("table", "flows"));
}

TEST(SelectCollectors, MayLeaveNothing) {
  EXPECT_THAT(
      SelectCollectors({{"exclude[]", "stat"}, {"exclude[]", "table"}, {"exclude[]", "flows"}},
                       kAvailable)
          .value(),
      ElementsAre());
}

TEST(SelectCollectors, RefusesBothKindsAtOnce) {
  EXPECT_THAT(SelectCollectors({{"exclude[]", "stat"}, {"collect[]", "table"}}, kAvailable).error(),
              HasSubstr("not both"));
}

TEST(SelectCollectors, NamesTheUnknownCollectorAndThoseThatAreOn) {
  EXPECT_EQ(SelectCollectors({{"collect[]", "talkers"}}, kAvailable).error(),
            "Collector \"talkers\" is unknown or switched off. On are: table stat flows.\n");
  EXPECT_THAT(SelectCollectors({{"exclude[]", ""}}, kAvailable).error(), HasSubstr("\"\""));
  EXPECT_THAT(SelectCollectors({{"collect[]", "a"}}, {}).error(), HasSubstr("none"));
}

TEST(SelectCollectors, QuotesNoHostileText) {
  const std::string hostile = "\r\nSet-Cookie: a\x1b[2J" + std::string(10'000, 'a');
  const std::string error = SelectCollectors({{"collect[]", hostile}}, kAvailable).error();
  EXPECT_LT(error.size(), 200u);
  EXPECT_THAT(error, AllOf(Not(HasSubstr("\r")), Not(HasSubstr("\x1b"))));
}

}  // namespace
}  // namespace conntrack::exporter::web
