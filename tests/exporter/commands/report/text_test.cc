#include "exporter/commands/report/formats.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "known_heading.h"
#include "tests/support/situations.h"
#include "tests/support/source_dir.h"

namespace conntrack::exporter::report {
namespace {

using test::BusyGateway;
using test::kHeading;
using testing::HasSubstr;
using testing::Not;

std::string TextOf(const Situation& situation, const TextStyle& style = {}) {
  return RenderText(kHeading, situation, Diagnose(situation), style);
}

/// A gateway in trouble: every block has something to show.
Situation Troubled() {
  auto situation = BusyGateway();
  situation.entries = 262'144;
  situation.loss_recently->packets = test::LossOf(153, 0, 2);
  situation.snat->front().used = 60'000;
  situation.drift = {
      {"nf_conntrack_max", 262'144, "value_differs", 131'072, "/etc/sysctl.d/90-x.conf:1"}};
  // Off by default.
  situation.talkers->pairs.reset();
  situation.talkers->backends.reset();
  situation.workloads.reset();
  situation.missing = {
      {"conntrack_x", {ErrorKind::kAbsent, 2, "opening x: No such file or directory", "do y"}}};
  return situation;
}

std::vector<std::string> LinesIn(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST(ReportText, IsAsDocumented) {
  const auto path = std::string(test::SourceDir()) + "/tests/golden/report.txt";
  const auto actual = TextOf(Troubled());
  if (std::getenv("CONNTRACK_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << actual;
  std::ostringstream golden;
  golden << std::ifstream(path).rdbuf();
  EXPECT_EQ(actual, golden.str()) << path << " (CONNTRACK_UPDATE_GOLDEN=1 rewrites it)";
}

TEST(ReportText, KeepsToItsWidthAndAboutOneScreen) {
  const auto lines = LinesIn(TextOf(Troubled()));
  EXPECT_LE(lines.size(), 64U);  // with every block and four findings
  for (const auto& line : lines) EXPECT_LE(line.size(), kReportWidth) << line;
  TextStyle narrow;
  narrow.width = 80;
  for (const auto& line : LinesIn(TextOf(Troubled(), narrow))) {
    EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(ReportText, HasNoEscapeCodesUnlessAskedFor) {
  EXPECT_THAT(TextOf(Troubled()), Not(HasSubstr("\x1b")));
  TextStyle colour;
  colour.colour = true;
  EXPECT_THAT(TextOf(Troubled(), colour), HasSubstr("\x1b[1;31mCRITICAL\x1b[0m"));
}

TEST(ReportText, ListsAreAsLongAsAskedForAndTheRestIsSummedUp) {
  TextStyle one;
  one.top = 1;
  const auto text = TextOf(BusyGateway(), one);
  EXPECT_THAT(text, HasSubstr("10.0.0.7"));
  EXPECT_THAT(text, Not(HasSubstr("2001:db8::/64")));
  EXPECT_THAT(text, HasSubstr("91,000"));  // 83,000 others and the 8,000 that are not shown
}

TEST(ReportText, WhatIsUnknownIsSaidToBeAndWhy) {
  auto situation = BusyGateway();
  situation.loss_since_boot->packets.table_full = {{}, "nobody knows"};
  situation.loss_since_boot->packets.unresolved_clash = {{}, "nobody knows"};
  const auto text = TextOf(situation);
  EXPECT_THAT(text, HasSubstr("unknown"));
  EXPECT_EQ(text.find("unknown: nobody knows"), text.rfind("unknown: nobody knows"));
}

TEST(ReportText, ShowsPairsBackendsAndWorkloadsWhereTheyAreCounted) {
  const auto text = TextOf(BusyGateway());
  EXPECT_THAT(text, testing::ContainsRegex("PAIRS +flows +share\n"));
  EXPECT_THAT(text, testing::ContainsRegex("10.0.0.7 -> 192.0.2.1 tcp/443 +8,500 +8.5 %\n"));
  EXPECT_THAT(text, testing::ContainsRegex("192.0.2.1 tcp/443 -> 10.0.9.1 +29,000 +96.7 %\n"));
  EXPECT_THAT(text, testing::ContainsRegex("WORKLOADS +opened +received\n"));
  EXPECT_THAT(text, testing::ContainsRegex("pod 2f7d0c4e +40,000 +12,000\n"));
}

TEST(ReportText, WhatCouldNotBeReadIsNamedWithReasonAndRemedyOnce) {
  Situation blind;
  const Error denied{ErrorKind::kDenied, 1, "ctnetlink refused", "give CAP_NET_ADMIN"};
  blind.entries = 5;
  blind.missing = {{"flows", denied}, {"losses", denied}};
  const auto text = TextOf(blind);
  EXPECT_THAT(text, HasSubstr("flows, losses: ctnetlink refused\n    -> give CAP_NET_ADMIN\n"));
  EXPECT_THAT(text, Not(HasSubstr("STATES")));
}

TEST(ReportText, NoLimitIsNoUse) {
  auto situation = BusyGateway();
  situation.limit = 0;
  EXPECT_THAT(TextOf(situation), HasSubstr("100,400, no limit\n"));
}

TEST(ReportText, SaysWhoseTableItIsBeforeAllElse) {
  Situation situation;
  EXPECT_EQ(RenderText(kHeading, situation, {}, {}).find("Place: "), std::string::npos);
  situation.place.boot_network_namespace = false;
  const auto text = RenderText(kHeading, situation, {}, {});
  EXPECT_NE(text.find("Z\nPlace: its own network namespace\nEntries, flows, losses and timeouts"),
            std::string::npos);
}

TEST(ReportText, ShowsHowFarFlowsHaveChangedSinceTheLastDraw) {
  const auto before = BusyGateway();
  auto now = before;
  now.entries = *before.entries - 1'000;
  now.flows->states.front().flows += 2'000;
  now.flows->states.push_back({"sctp", "CLOSED", 7, {}});
  now.talkers->sources.top = {{"10.0.0.7", 8'990}, {"10.9.9.9", 8'500}};
  const auto text = RenderText(kHeading, now, {}, {.top = 20, .width = 60}, &before);
  EXPECT_THAT(text, HasSubstr("-1,000 since the previous report"));
  EXPECT_THAT(text, testing::ContainsRegex("tcp ESTABLISHED +62,000 .*\\+2,000"));
  EXPECT_THAT(text, testing::ContainsRegex("sctp CLOSED +7 .*\\+7")) << "it had none before";
  EXPECT_THAT(text, testing::ContainsRegex("10.0.0.7 +8,990 +[0-9.]+ % +-10"));
  EXPECT_THAT(text, testing::ContainsRegex("10.9.9.9 +8,500 +[0-9.]+ % *\n"))
      << "it was one of the others: the change is unknown";
  EXPECT_THAT(RenderText(kHeading, now, {}, {}), Not(HasSubstr("change")));
}

}  // namespace
}  // namespace conntrack::exporter::report
