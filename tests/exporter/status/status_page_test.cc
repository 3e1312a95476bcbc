#include "exporter/status/status_page.h"

#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>

#include "tests/support/situations.h"

namespace conntrack::exporter::status {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const std::string kHostileText = "\"><script>alert(1)</script><b x='";

StatusPage BusyPage() {
  StatusPage page;
  page.heading = {"gateway", "6.18.1", "2026-01-31T12:00:00Z"};
  page.version = "1.2.3";
  page.telemetry_path = "/metrics";
  page.situation = test::BusyGateway();
  page.situation.peak = 131'072;
  page.findings = Diagnose(page.situation);
  page.collectors = HealthOf({}, {});
  return page;
}

/// The text that a reader sees, of all that stands in the body.
std::string TextOf(const std::string& html) {
  const auto body = html.substr(html.find("<body>"));
  return std::regex_replace(body, std::regex("<[^>]*>"), " ");
}

std::string Shown(const StatusPage& page) {
  return std::regex_replace(TextOf(RenderStatusPage(page)), std::regex("\\s+"), " ");
}

TEST(StatusPage, ShowsTheUseOfTheTable) {
  EXPECT_THAT(Shown(BusyPage()), AllOf(HasSubstr("100,400 of 262,144 entries 38.3 %"),
                                       HasSubstr("161,744 free; peak of the last minute 50.0 %")));
  EXPECT_THAT(RenderStatusPage(BusyPage()),
              AllOf(HasSubstr("<rect class=\"use\" width=\"38.30%\""),
                    HasSubstr("aria-valuetext=\"38.3 %\""), HasSubstr("class=\"usage ok\"")));
}

TEST(StatusPage, SaysWhyAChartOfTheLastDayIsUnknown) {
  EXPECT_THAT(Shown(BusyPage()), HasSubstr("The last day No minute of it is known."));
  auto page = BusyPage();
  const std::vector<MinuteFigures> unknown(3);
  page.day = {0,
              {{"entries", "", unknown},
               {"limit", "", unknown},
               {"flows", "other", unknown},
               {"lost", "in all", unknown},
               {"evicted", "", unknown}}};
  EXPECT_THAT(Shown(page),
              AllOf(HasSubstr("Entries, last hour: unknown , nf_conntrack_count could not"),
                    HasSubstr("Flows, last day: unknown , no scrape has walked the table"),
                    HasSubstr("Packets lost a second, last hour: unknown , the counters")));
  EXPECT_THAT(RenderStatusPage(page), Not(HasSubstr("<figure>")));
}

TEST(StatusPage, ColoursTheUseFrom80And90PercentOn) {
  auto page = BusyPage();
  const auto tone_at = [&page](std::uint64_t entries) {
    page.situation.entries = entries;
    const auto html = RenderStatusPage(page);
    for (const auto* tone : {"ok", "warning", "critical"}) {
      if (html.find(std::string("class=\"usage ") + tone) != std::string::npos) return tone;
    }
    return "none";
  };
  page.situation.limit = 1000;
  EXPECT_STREQ(tone_at(799), "ok");
  EXPECT_STREQ(tone_at(800), "warning");
  EXPECT_STREQ(tone_at(899), "warning");
  EXPECT_STREQ(tone_at(900), "critical");
  EXPECT_STREQ(tone_at(1200), "critical");  // a limit that was lowered below what is there
  EXPECT_THAT(RenderStatusPage(page), HasSubstr("<rect class=\"use\" width=\"100.00%\""));
}

TEST(StatusPage, ShowsEachFlowOnceByStateAndByProtocol) {
  EXPECT_THAT(Shown(BusyPage()),
              AllOf(HasSubstr("tcp ESTABLISHED 60,000 60.0 % 5 d"),
                    HasSubstr("udp UNREPLIED 3,000 3.0 % 30 s"),
                    HasSubstr("tcp 80,000 80.0 % 2.5 % udp 20,000 20.0 % 15.0 %"),
                    HasSubstr("120 s: tcp TIME_WAIT, udp ASSURED, tcp SYN_SENT 22,000 22.0 %")));
}

TEST(StatusPage, ShowsTalkersAndSnatPorts) {
  EXPECT_THAT(Shown(BusyPage()),
              AllOf(HasSubstr("10.0.0.7 9,000 9.0 %"), HasSubstr("all others 83,000 83.0 %"),
                    HasSubstr("tcp/443 70,000 70.0 %"),
                    HasSubstr("Pairs flows share 10.0.0.7 -&gt; 192.0.2.1 tcp/443 8,500 8.5 %"),
                    HasSubstr("Each may have up to 12 flows more."),
                    HasSubstr("192.0.2.1 tcp/443 -&gt; 10.0.9.1 29,000 96.7 %"),
                    HasSubstr("Workloads opened received pod 2f7d0c4e 40,000 12,000 host 300 7"),
                    HasSubstr("tcp 198.51.100.1 → 192.0.2.1:443 30,000 64,512 46.5 %")));
}

TEST(StatusPage, ShowsLossesSinceTheStartLatelyAndBySecond) {
  auto page = BusyPage();
  page.situation.loss_recently = LossFigures{test::LossOf(90, 0, 0), 60.0};
  EXPECT_THAT(Shown(page), AllOf(HasSubstr("table full 0 90 1.5"), HasSubstr("in all 12 90 1.5"),
                                 HasSubstr("Packets lost, last 60 s 90 1.5/s; 12 since start")));
}

TEST(StatusPage, ALossThatTheCountersDoNotTellIsUnknownWithTheReason) {
  auto page = BusyPage();
  page.situation.loss_since_boot->packets.table_full = {std::nullopt, "it cannot be split"};
  page.situation.loss_recently.reset();
  EXPECT_THAT(Shown(page),
              AllOf(HasSubstr("table full unknown"), HasSubstr("unknown: it cannot be split")));
}

TEST(StatusPage, ShowsFindingsWithTheirRemedy) {
  auto page = BusyPage();
  page.situation.entries = 250'000;
  page.findings = Diagnose(page.situation);
  EXPECT_THAT(Shown(page), AllOf(HasSubstr("critical The table is nearly full. table_filling"),
                                 HasSubstr("→ conntrack_exporter advise")));
}

TEST(StatusPage, WhatIsMissingIsUnknownWithReasonAndRemedyNeverZero) {
  StatusPage page;
  page.heading = {"gateway", "6.18.1", "2026-01-31T12:00:00Z"};
  page.telemetry_path = "/metrics";
  page.collectors = HealthOf(
      {{"table", {}, Fail(Error{ErrorKind::kAbsent, 2, "no such file", "load the module"})}}, {});
  const auto text = Shown(page);
  EXPECT_THAT(
      text, AllOf(HasSubstr("unknown entries unknown : no such file → load the module"),
                  HasSubstr("States unknown : the collector flows is off "
                            "→ --collector.flows"),
                  HasSubstr("--collector.talkers shows the sources"),
                  HasSubstr("--collector.nat shows the ports"), HasSubstr("Packets lost unknown")));
  EXPECT_FALSE(std::regex_search(text, std::regex("[^0-9.:-]0[^0-9.]"))) << text;
}

TEST(StatusPage, NoLimitIsSaidInsteadOfAShare) {
  auto page = BusyPage();
  page.situation.limit = 0;
  EXPECT_THAT(Shown(page), HasSubstr("There is no limit."));
}

TEST(StatusPage, RefreshesOnlyWhereAskedOrWhileItWaits) {
  auto page = BusyPage();
  EXPECT_THAT(RenderStatusPage(page), Not(HasSubstr("http-equiv")));
  page.waiting = true;
  EXPECT_THAT(RenderStatusPage(page), HasSubstr("http-equiv=\"refresh\" content=\"2\""));
  page.refresh_seconds = 15;
  EXPECT_THAT(RenderStatusPage(page), AllOf(HasSubstr("http-equiv=\"refresh\" content=\"15\""),
                                            HasSubstr("<b aria-current=\"true\">15 s</b>")));
}

TEST(StatusPage, HostileTextStaysText) {
  auto page = BusyPage();
  page.heading = {kHostileText, kHostileText, kHostileText};
  page.version = page.telemetry_path = kHostileText;
  auto& situation = page.situation;
  situation.flows->states[0].protocol = situation.flows->protocols[0].protocol = kHostileText;
  situation.talkers->sources.top[0].name = situation.talkers->services.top[0].name = kHostileText;
  situation.talkers->classes = {{kHostileText, 1, 2}};
  situation.snat->at(0).address = kHostileText;
  situation.drift = std::vector<DriftFigure>{{kHostileText, {}, kHostileText, 1, kHostileText}};
  situation.loss_since_boot->packets.total = {std::nullopt, kHostileText};
  const Error error{ErrorKind::kIo, 0, kHostileText, kHostileText};
  page.findings = {{"id", Severity::kNotice, kHostileText, {kHostileText}, kHostileText}};
  page.collectors = HealthOf({{"stat", {}, Fail(error)},
                              {"table", {}, Collection{{}, {{kHostileText, error}}, kHostileText}}},
                             {{"netns", error}});
  const auto html = RenderStatusPage(page);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("<b x=")));
  EXPECT_THAT(html, HasSubstr("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;b x=&#39;"));
}

TEST(StatusPage, NeedsNothingFromElsewhereAndNoScriptOrInlineStyle) {
  const auto html = RenderStatusPage(BusyPage());
  for (const auto* part : {"http:", "https:", "src=", "<script", "@import", "url(",
                           "style=", " onload", "javascript"}) {
    EXPECT_THAT(html, Not(HasSubstr(part))) << part;
  }
  EXPECT_THAT(html, HasSubstr("<style>" + std::string(StatusPageStyle()) + "</style>"));
}

TEST(StatusPage, EveryClassHasAStyle) {
  std::set<std::string> classes;
  auto page = BusyPage();
  page.waiting = true;
  const auto html = RenderStatusPage(page);
  const std::regex attribute("class=\"([^\"]*)\"");
  for (std::sregex_iterator match(html.begin(), html.end(), attribute), end; match != end;
       ++match) {
    std::istringstream words((*match)[1].str());
    for (std::string word; words >> word;) classes.insert(word);
  }
  const std::string style(StatusPageStyle());
  for (const auto& name : classes) {
    EXPECT_TRUE(std::regex_search(style, std::regex("\\." + name + "\\b"))) << name;
  }
}

std::string Sha256InBase64(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EXPECT_EQ(EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr), 1);
  std::string encoded(std::size_t{2} * EVP_MAX_MD_SIZE, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), digest.data(),
                                   static_cast<int>(length));
  return encoded.substr(0, static_cast<std::size_t>(size));
}

TEST(StatusPage, PolicyHasTheDigestOfTheSheet) {
  EXPECT_THAT(std::string(StatusPagePolicy()),
              HasSubstr("style-src 'sha256-" + Sha256InBase64(StatusPageStyle()) + "';"));
}

TEST(StatusPage, PolicyAllowsNothingElse) {
  const std::string policy(StatusPagePolicy());
  for (const auto* part :
       {"default-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"}) {
    EXPECT_THAT(policy, HasSubstr(part));
  }
  for (const auto* part : {"unsafe", "script-src", "http", "*", "'self'"}) {
    EXPECT_THAT(policy, Not(HasSubstr(part)));
  }
}

}  // namespace
}  // namespace conntrack::exporter::status
