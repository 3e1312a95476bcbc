#include <gmock/gmock.h>
#include <sys/socket.h>

#include <array>
#include <sstream>

#include "exporter/commands/commands.h"
#include "exporter/status/history_json.h"
#include "tests/support/tcp_server.h"

namespace conntrack::exporter {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Json() {
  std::vector<MinuteFigures> minutes(30);
  for (std::size_t i = 5; i < minutes.size(); ++i) {
    const auto entries = static_cast<float>(1000 + 10 * i);
    minutes[i] = {entries, entries, entries};
  }
  return status::RenderHistoryJson(
      {"gw1", "6.18.1", "2026-01-31T12:00:00Z"},
      {1'700'049'600,
       {{"entries", "", minutes},
        {"limit", "", std::vector<MinuteFigures>(30, {2e3F, 2e3F, 2e3F})},
        {"flows", "other", std::vector<MinuteFigures>(30)}}});
}

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

Ran RunFrom(const report::ReportOptions& options, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out, err;
  const int code = ReportFrom(options, in, out, err);
  return {code, out.str(), err.str()};
}

Ran RunFrom(const std::string& from, const std::string& input = "") {
  report::ReportOptions options;
  options.from = from;
  return RunFrom(options, input);
}

/// Answers once, with this.
class Answering {
 public:
  explicit Answering(const std::string& answer)
      : server_([this, answer](int socket) {
          std::array<char, 4096> request{};
          const auto size = ::recv(socket, request.data(), request.size(), 0);
          request_.assign(request.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
          ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL);
        }) {}
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server_.port());
  }
  [[nodiscard]] const std::string& request() const { return request_; }

 private:
  std::string request_;
  test::TcpServer server_;
};

TEST(ReportFrom, ShowsTheHistoryThatAnExporterAnswers) {
  const Answering exporter("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + Json());
  const auto ran = RunFrom(exporter.url());
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(exporter.request(), testing::StartsWith("GET /history.json HTTP/1.0\r\n"));
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr("Connection tracking on gw1, Linux 6.18.1"), HasSubstr("LAST HOUR"),
                    HasSubstr("LAST DAY"), HasSubstr("Growth an hour: +600 entries."),
                    HasSubstr("Limit for 150 % of the peak: 1,935."), HasSubstr("#"),
                    HasSubstr("unknown")));
}

TEST(ReportFrom, UnknownMinutesAreDotsOnTheAxis) {
  const auto out = RunFrom("-", Json()).out;
  EXPECT_THAT(out, HasSubstr("0 +" + std::string(35, '.') + std::string(25, '-') + "\n"));
  EXPECT_THAT(out, HasSubstr("11:30"));
  EXPECT_THAT(out, HasSubstr(" 12:29 UTC"));
  EXPECT_THAT(out, HasSubstr("LAST HOUR, 2023-11-15\n"));
  EXPECT_THAT(out, HasSubstr("LAST DAY, 2023-11-14 to 2023-11-15\n"));
}

TEST(ReportFrom, JsonIsAsTheExporterSaysIt) {
  report::ReportOptions options;
  options.from = "-";
  options.format = report::ReportFormat::kJson;
  EXPECT_EQ(RunFrom(options, Json()).out, Json());
}

TEST(ReportFrom, WhatGoesWrongIsNamed) {
  const auto fails = [](const Ran& ran, int code, const std::string& what) {
    EXPECT_EQ(ran.code, code);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr(what));
  };
  fails(RunFrom("localhost:10318"), 2, "does not begin with http://");
  fails(RunFrom("http://me:secret@localhost"), 2, "curl -u USER");
  fails(RunFrom("-", "<html>"), 1,
        "standard input: not the history of an exporter: it is not JSON");
  fails(RunFrom("-", ""), 1, "it is empty");
  fails(RunFrom("http://127.0.0.1:1"), 1, "refused\nremedy: check that the exporter runs there");
  fails(RunFrom(Answering("HTTP/1.1 404 Not Found\r\n\r\n").url()), 1, "answered 404");
  fails(RunFrom(Answering("HTTP/1.1 401 Unauthorized\r\n\r\n").url()), 1, "curl -u USER");
  fails(RunFrom(Answering("HTTP/1.1 200 OK\r\n").url()), 1, "have no end");
  fails(RunFrom(Answering("HTTP/1.1 200 OK\r\n\r\n" + std::string(5 << 20, ' ')).url()), 1,
        "more than 4194304 bytes");
}

}  // namespace
}  // namespace conntrack::exporter
