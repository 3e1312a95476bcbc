#include "exporter/status/status_handler.h"

#include <gmock/gmock.h>

#include <thread>

#include "collectors/table_collector.h"
#include "exporter/status/status_page.h"
#include "tests/exporter/web/pages/gunzip.h"
#include "tests/support/fake_collector.h"
#include "tests/support/test_access.h"

namespace conntrack::exporter::status {
namespace {

using test::FakeCollector;
using testing::HasSubstr;
using web::HttpResponse;

/// A scheduler of one collector.
class StatusHandlerTest : public testing::Test {
 protected:
  /// `waits_for` as FakeCollector has it.
  void Use(const char* name, FakeCollector::Function collect,
           std::optional<std::chrono::seconds> waits_for = {}) {
    std::vector<NamedCollector> collectors;
    collectors.push_back({name, std::make_unique<FakeCollector>(std::move(collect), waits_for)});
    scheduler_ = std::make_unique<ReadingScheduler>(std::move(collectors));
    handler_ = std::make_unique<StatusHandler>(
        *scheduler_,
        StatusOptions{.version = "1.2.3", .presence = test::AccessTo("6.18-2cpu").presence});
  }
  void UseTable() {
    Use("table", [](const ScrapeContext&) {
      return Collection{
          {}, {}, "test", {}, std::make_shared<const TableReading>(TableReading{1234, 1234})};
    });
  }

  HttpResponse Ask(const std::string& query = "", std::vector<web::HttpHeader> headers = {}) {
    return handler_->Handle({"GET", "/", query, "1.1", std::move(headers)});
  }

  std::unique_ptr<ReadingScheduler> scheduler_;
  std::unique_ptr<StatusHandler> handler_;
};

std::string HeaderOf(const HttpResponse& response, std::string_view name) {
  for (const auto& header : response.headers) {
    if (header.name == name) return header.value;
  }
  return "";
}

TEST_F(StatusHandlerTest, AnswersWithAPageThatNobodyKeeps) {
  UseTable();
  const auto response = Ask();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/html; charset=utf-8");
  EXPECT_THAT(response.body, HasSubstr("<b>1,234</b>"));
  EXPECT_EQ(HeaderOf(response, "Cache-Control"), "no-store");
  EXPECT_EQ(HeaderOf(response, "Referrer-Policy"), "no-referrer");
  EXPECT_EQ(HeaderOf(response, "Content-Security-Policy"), StatusPagePolicy());
}

TEST_F(StatusHandlerTest, IsTheSameForEveryAccept) {
  UseTable();
  for (const auto* accept : {"text/plain", "application/json", "application/openmetrics-text"}) {
    EXPECT_EQ(Ask("", {{"Accept", accept}}).content_type, "text/html; charset=utf-8") << accept;
  }
}

TEST_F(StatusHandlerTest, CompressesWhereAsked) {
  UseTable();
  const auto zipped = Ask("", {{"Accept-Encoding", "gzip"}});
  EXPECT_EQ(HeaderOf(zipped, "Content-Encoding"), "gzip");
  EXPECT_EQ(HeaderOf(zipped, "Vary"), "Accept-Encoding");
  EXPECT_THAT(web::Gunzip(zipped.body), HasSubstr("<b>1,234</b>"));
}

TEST_F(StatusHandlerTest, RefreshIsANumberOfSeconds) {
  UseTable();
  EXPECT_THAT(Ask("refresh=10").body, HasSubstr("content=\"10\""));
  EXPECT_EQ(Ask("other=1").status, 200);
  for (const auto* wrong : {"refresh=0", "refresh=", "refresh=-1", "refresh=86401", "refresh=1.5",
                            "refresh=10;url=http://x", "refresh=99999999999", "refresh=%zz"}) {
    EXPECT_EQ(Ask(wrong).status, 400) << wrong;
  }
}

TEST_F(StatusHandlerTest, GivesCollectorsLittleTime) {
  std::chrono::duration<double> given{};
  Use(
      "flows",
      [&given](const ScrapeContext& context) -> Result<Collection> {
        given = context.deadline - std::chrono::steady_clock::now();
        return Fail(ErrorKind::kTimeout, "the first walk is not done");
      },
      std::chrono::seconds(0));
  const auto response = Ask();
  EXPECT_LE(given, StatusHandler::kPatience);
  EXPECT_THAT(response.body, HasSubstr("the first walk is not done"));
  EXPECT_THAT(response.body, HasSubstr("content=\"2\""));
}

TEST_F(StatusHandlerTest, ACollectorThatThrowsIsAFailureOnThePage) {
  Use("table",
      [](const ScrapeContext&) -> Result<Collection> { throw std::runtime_error("a bug"); });
  EXPECT_THAT(Ask().body, HasSubstr("thrown: a bug"));
}

TEST_F(StatusHandlerTest, TheCountersAreReadBeforeAnybodyAsks) {
  std::atomic<int> reads = 0;
  Use("stat", [&reads](const ScrapeContext&) {
    ++reads;
    return Collection{{}, {}, "test"};
  });
  for (int i = 0; i < 3000 && reads == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_GE(reads, 1);
  handler_.reset();  // ends its thread before the counter goes
}

}  // namespace
}  // namespace conntrack::exporter::status
