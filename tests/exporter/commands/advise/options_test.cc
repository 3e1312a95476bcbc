#include "exporter/commands/advise/options.h"

#include <gmock/gmock.h>

#include "exporter/command_line/options.h"
#include "tests/support/machines.h"

namespace conntrack::exporter::advise {
namespace {

using conntrack::test::Target;
using testing::ElementsAre;
using testing::HasSubstr;

std::variant<Options, EarlyExit> Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), {"conntrack_exporter", "advise"});
  return ParseOptions(static_cast<int>(arguments.size()), arguments.data());
}

AdviseOptions Parsed(std::vector<const char*> arguments) {
  return std::get<Options>(Parse(std::move(arguments))).advise;
}

TEST(AdviseOptions, DefaultsLeaveTheChoiceToTheMachine) {
  const auto options = Parsed({});
  EXPECT_EQ(options.profile, std::nullopt);
  EXPECT_EQ(options.peak, std::nullopt);
  EXPECT_EQ(options.headroom, 1.5);
  EXPECT_EQ(options.format, Format::kText);
  EXPECT_EQ(std::get<Options>(Parse({})).command, Command::kAdvise);
}

TEST(AdviseOptions, AllOfThemArrive) {
  const auto options =
      Parsed({"--profile=nat-gateway", "--peak", "500000", "--headroom=2", "--service", "udp/53",
              "--service=tcp/8080", "--notrack=udp/53", "--notrack=ospf", "--notrack=10.0.0.0/8",
              "--accounting", "--timestamps", "--top=3", "--format=nft-notrack"});
  EXPECT_EQ(options.profile, SizingProfile::kNatGateway);
  EXPECT_EQ(options.peak, 500'000U);
  EXPECT_EQ(options.headroom, 2);
  EXPECT_THAT(options.notrack, ElementsAre(Target("udp/53"), Target("tcp/8080"), Target("ospf"),
                                           Target("10.0.0.0/8")));
  EXPECT_TRUE(options.accounting);
  EXPECT_TRUE(options.timestamps);
  EXPECT_EQ(options.top, 3U);
  EXPECT_EQ(options.format, Format::kNftNotrack);
}

TEST(AdviseOptions, FlagsOfEveryCommandStandBesideThem) {
  const auto parsed = std::get<Options>(Parse({"--output-dir=out", "--force", "--path.procfs=/"}));
  EXPECT_EQ(parsed.procfs, "/");
  EXPECT_EQ(parsed.advise.output_dir, "out");
  EXPECT_TRUE(parsed.advise.force);
}

TEST(AdviseOptions, WrongValuesNameTheFlag) {
  for (const auto& [argument, flag] :
       std::vector<std::pair<const char*, const char*>>{{"--profile=huge", "--profile"},
                                                        {"--peak=0", "--peak"},
                                                        {"--peak=100000001", "--peak"},
                                                        {"--headroom=0.5", "--headroom"},
                                                        {"--headroom=nan", "--headroom"},
                                                        {"--service=53", "--notrack"},
                                                        {"--service=icmp/8", "--notrack"},
                                                        {"--service=udp/0", "--notrack"},
                                                        {"--service=udp/65536", "--notrack"},
                                                        {"--service=udp/53 ", "--notrack"},
                                                        {"--notrack=eigrp", "eigrp"},
                                                        {"--notrack=10.0.0.1/8", "10.0.0.1/8"},
                                                        {"--format=yaml", "--format"}}) {
    const auto parsed = Parse({argument});
    ASSERT_TRUE(std::holds_alternative<EarlyExit>(parsed)) << argument;
    EXPECT_EQ(std::get<EarlyExit>(parsed).code, 2) << argument;
    EXPECT_THAT(std::get<EarlyExit>(parsed).text, HasSubstr(flag)) << argument;
  }
}

TEST(AdviseOptions, FilesGoToTheScreenOrToAFolder) {
  const auto parsed = Parse({"--format=json", "--output-dir=out"});
  ASSERT_TRUE(std::holds_alternative<EarlyExit>(parsed));
  EXPECT_THAT(std::get<EarlyExit>(parsed).text, HasSubstr("--output-dir"));
}

TEST(AdviseOptions, HelpOfTheCommandShowsItsOwnFlags) {
  const auto help = std::get<EarlyExit>(Parse({"--help"}));
  EXPECT_EQ(help.code, 0);
  EXPECT_THAT(help.text, AllOf(HasSubstr("--headroom"), HasSubstr("--output-dir")));
}

}  // namespace
}  // namespace conntrack::exporter::advise
