#include "exporter/commands/advise/files.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "exporter/commands/advise/notrack_files.h"
#include "exporter/commands/advise/sysctl_file.h"
#include "tests/exporter/commands/advise/machines.h"

namespace conntrack::exporter::advise {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(AdviceFiles, EachHasAFormatAndANameOfItsOwn) {
  std::set<Format> formats;
  std::set<std::string_view> names;
  for (const auto& file : AdviceFiles()) {
    EXPECT_TRUE(formats.insert(file.format).second) << file.name;
    EXPECT_TRUE(names.insert(file.name).second) << file.name;
  }
}

TEST(AdviceFiles, LinesAreNoWiderThanAScreen) {
  for (const auto& machine : {test::DnsServer(), test::KubernetesNode(), test::OldAndIdle()}) {
    const auto advice = Advise(machine, {});
    for (const auto& file : AdviceFiles()) {
      // A rule of udev and a reason in JSON are one line, whatever their length.
      if (file.format == Format::kUdev || file.format == Format::kJson) continue;
      std::istringstream text(file.render(machine, advice));
      for (std::string line; std::getline(text, line);) EXPECT_LE(line.size(), 100U) << line;
    }
  }
}

TEST(SysctlFile, WhatThisKernelLacksIsAComment) {
  auto machine = test::DnsServer();
  machine.sysctls.erase("nf_conntrack_generic_timeout");
  const auto text = SysctlFile(machine, Advise(machine, {}));
  EXPECT_THAT(text, HasSubstr("\n# This kernel does not have it:\n"
                              "# net.netfilter.nf_conntrack_generic_timeout = 120\n"));
  EXPECT_THAT(text, HasSubstr("\nnet.netfilter.nf_conntrack_max = 301056\n"));
}

TEST(SysctlFile, BucketsStandBeforeTheLimitAndAreAComentWhereTheyCannotBeSet) {
  const auto text = SysctlFile(test::DnsServer(), Advise(test::DnsServer(), {}));
  EXPECT_LT(text.find("\nnet.netfilter.nf_conntrack_buckets = "),
            text.find("\nnet.netfilter.nf_conntrack_max = "));
  const auto old = SysctlFile(test::OldAndIdle(), Advise(test::OldAndIdle(), {}));
  EXPECT_THAT(old, HasSubstr("\n# net.netfilter.nf_conntrack_buckets = "));
  EXPECT_THAT(old, Not(HasSubstr("\nnet.netfilter.nf_conntrack_buckets = ")));
}

TEST(NotrackFiles, WithoutAServiceNoRuleIsActive) {
  const auto advice = Advise(test::DnsServer(), {});
  for (const auto& text : {NftNotrackFile({}, advice), IptablesNotrackFile({}, advice)}) {
    EXPECT_THAT(text, HasSubstr("proposed: udp/53"));
    EXPECT_THAT(text, HasSubstr("No rule is active"));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      const bool comment = line.find_first_not_of(' ') == line.find('#');
      EXPECT_TRUE(comment || line.find("port") == std::string::npos) << line;
    }
  }
}

TEST(NotrackFiles, RulesStandInBothDirectionsOnBothWays) {
  AdviseOptions options;
  options.services = {{"udp", 53}};
  const auto nft = NftNotrackFile({}, Advise({}, options));
  for (const auto* rule : {"    udp dport 53 notrack\n", "    udp sport 53 notrack\n"}) {
    const auto first = nft.find(rule);
    ASSERT_NE(first, std::string::npos) << rule;
    EXPECT_NE(nft.find(rule, first + 1), std::string::npos) << rule;
  }
}

TEST(InstallCommands, LeaveOutWhatHasNoEffectOnABuiltInModule) {
  auto machine = test::DnsServer();
  EXPECT_THAT(InstallCommands(machine, Advise(machine, {}), "d"),
              HasSubstr("install -m 0644 d/modprobe.conf /etc/modprobe.d/conntrack.conf\n"));
  machine.module = ModuleState::kBuiltIn;
  EXPECT_THAT(InstallCommands(machine, Advise(machine, {}), "d"), Not(HasSubstr("modprobe")));
}

TEST(InstallCommands, QuoteWhatAShellWouldSplit) {
  const auto machine = test::DnsServer();
  EXPECT_THAT(InstallCommands(machine, Advise(machine, {}), "my 'new' files"),
              HasSubstr(R"(install -m 0644 'my '\''new'\'' files/sysctl.conf' /etc/sysctl.d)"));
}

TEST(JsonDocument, HasTheNumbersAndLeavesOutWhatIsNotKnown) {
  const auto render = AdviceFiles().back().render;
  const auto json = nlohmann::json::parse(render(test::DnsServer(), Advise(test::DnsServer(), {})));
  EXPECT_EQ(json["limit"]["now"], 262'144);
  EXPECT_EQ(json["limit"]["advised"], 301'056);
  EXPECT_EQ(json["bases"]["memory"], 524'288);
  EXPECT_EQ(json["timeouts"].size(), 10U);
  EXPECT_EQ(json["proposals"][0]["service"], "udp/53");
  const auto idle =
      nlohmann::json::parse(render(test::OldAndIdle(), Advise(test::OldAndIdle(), {})));
  EXPECT_FALSE(idle["limit"].contains("now"));
  EXPECT_FALSE(idle["machine"].contains("flows"));
  EXPECT_EQ(idle["machine"]["nf_conntrack"], "not loaded");
}

}  // namespace
}  // namespace conntrack::exporter::advise
