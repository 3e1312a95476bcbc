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

}  // namespace
}  // namespace conntrack::exporter::report
