#include <unistd.h>

#include <chrono>
#include <utility>

#include "exporter/commands/commands.h"
#include "exporter/commands/report/day_text.h"
#include "exporter/commands/terminal.h"
#include "exporter/status/history_json.h"
#include "exporter/web/client/http_probe.h"

namespace conntrack::exporter {
namespace {

constexpr std::string_view kHistoryPath = "/history.json";
constexpr std::size_t kMostBytes = 4U << 20U;
constexpr std::chrono::seconds kAnswerTime{10};
constexpr const char* kWithCurl =
    "with a user or a certificate, curl -u USER URL/history.json | conntrack_exporter report "
    "--from -";

Result<std::string> Fetch(const web::HttpUrl& url) {
  auto answer = web::HttpGet(url, std::chrono::steady_clock::now() + kAnswerTime, kMostBytes);
  if (!answer) {
    auto& remedy = answer.error().remedy;
    if (answer.error().kind == ErrorKind::kDenied) remedy = kWithCurl;
    if (remedy.empty() && answer.error().kind != ErrorKind::kMalformed) {
      remedy =
          "check that the exporter runs there and listens on this address and port "
          "(--web.listen-address), and that no firewall blocks it";
    }
    return Fail(answer.error());
  }
  if (answer->status == 401)
    return Fail(ErrorKind::kDenied, "it requires a user and password (401)", kWithCurl);
  if (answer->status != 200) {
    return Fail(ErrorKind::kMalformed, "answered " + std::to_string(answer->status),
                "check that an exporter of this version listens there");
  }
  return std::move(answer->body);
}

std::string ReadAll(std::istream& in) {
  std::string text(kMostBytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

int Complain(std::ostream& err, const std::string& where, const Error& error, int code) {
  err << "conntrack_exporter report: " << where << ": " << error.message << "\n";
  if (!error.remedy.empty()) err << "remedy: " << error.remedy << "\n";
  return code;
}

}  // namespace

int ReportFrom(const report::ReportOptions& options, std::istream& in, std::ostream& out,
               std::ostream& err) {
  std::string where = "standard input";
  Result<std::string> text;
  if (options.from == "-") {
    text = ReadAll(in);
  } else {
    auto url = web::ParseHttpUrl(options.from, kHistoryPath);
    if (!url) {
      const auto remedy =
          std::string("write http://HOST:PORT, the exporter's --web.listen-address; ") + kWithCurl;
      return Complain(err, "--from", {url.error().kind, 0, url.error().message, remedy}, 2);
    }
    if (url->target == "/") url->target = kHistoryPath;
    where = web::ToString(*url);
    text = Fetch(*url);
  }
  if (!text) return Complain(err, where, text.error(), 1);
  const auto history = status::ParseHistoryJson(*text);
  if (!history) return Complain(err, where, history.error(), 1);
  if (options.format == report::ReportFormat::kJson) {
    out << *text;
    return 0;
  }
  const Terminal terminal(STDOUT_FILENO);
  out << report::RenderDay(
      history->heading, history->day,
      {options.top, terminal.Columns(report::kReportWidth), terminal.colour()});
  return 0;
}

}  // namespace conntrack::exporter
