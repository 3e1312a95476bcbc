#include "exporter/commands/advise/advise.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>

#include "tests/support/machines.h"

namespace conntrack::exporter::advise {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string Render(Format format, const Machine& machine, const SizingAdvice& advice) {
  for (const auto& file : AdviceFiles()) {
    if (file.format == format) return file.render(machine, advice);
  }
  return "";
}

TEST(AdviceFiles, EachHasAFormatAndANameOfItsOwn) {
  std::set<Format> formats;
  std::set<std::string_view> names;
  for (const auto& file : AdviceFiles()) {
    EXPECT_TRUE(formats.insert(file.format).second) << file.name;
    EXPECT_TRUE(names.insert(file.name).second) << file.name;
  }
}

TEST(AdviceFiles, LinesAreNoWiderThanAScreen) {
  for (const auto& machine : {conntrack::test::DnsServer(), conntrack::test::KubernetesNode(),
                              conntrack::test::OldAndIdle()}) {
    const auto advice = AdviseSizing(machine, {});
    for (const auto& file : AdviceFiles()) {
      // A rule of udev and a reason in JSON are one line, whatever their length.
      if (file.format == Format::kUdev || file.format == Format::kJson) continue;
      std::istringstream text(file.render(machine, advice));
      for (std::string line; std::getline(text, line);) EXPECT_LE(line.size(), 100U) << line;
    }
  }
}

TEST(SysctlFile, WhatThisKernelLacksIsAComment) {
  auto machine = conntrack::test::DnsServer();
  machine.sysctls.erase("nf_conntrack_generic_timeout");
  const auto text = Render(Format::kSysctl, machine, AdviseSizing(machine, {}));
  EXPECT_THAT(text, HasSubstr("\n# This kernel does not have it:\n"
                              "# net.netfilter.nf_conntrack_generic_timeout = 120\n"));
  EXPECT_THAT(text, HasSubstr("\nnet.netfilter.nf_conntrack_max = 301056\n"));
}

TEST(SysctlFile, BucketsStandBeforeTheLimitAndAreAComentWhereTheyCannotBeSet) {
  const auto text = Render(Format::kSysctl, conntrack::test::DnsServer(),
                           AdviseSizing(conntrack::test::DnsServer(), {}));
  EXPECT_LT(text.find("\nnet.netfilter.nf_conntrack_buckets = "),
            text.find("\nnet.netfilter.nf_conntrack_max = "));
  const auto old = Render(Format::kSysctl, conntrack::test::OldAndIdle(),
                          AdviseSizing(conntrack::test::OldAndIdle(), {}));
  EXPECT_THAT(old, HasSubstr("\n# net.netfilter.nf_conntrack_buckets = "));
  EXPECT_THAT(old, Not(HasSubstr("\nnet.netfilter.nf_conntrack_buckets = ")));
}

TEST(NotrackFiles, WithoutAServiceNoRuleIsActive) {
  const auto advice = AdviseSizing(conntrack::test::DnsServer(), {});
  for (const auto& text :
       {Render(Format::kNftNotrack, {}, advice), Render(Format::kIptablesNotrack, {}, advice)}) {
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
  options.notrack = {conntrack::test::Target("udp/53")};
  const auto nft = Render(Format::kNftNotrack, {}, AdviseSizing({}, options));
  for (const auto* rule : {"    udp dport 53 notrack\n", "    udp sport 53 notrack\n"}) {
    const auto first = nft.find(rule);
    ASSERT_NE(first, std::string::npos) << rule;
    EXPECT_NE(nft.find(rule, first + 1), std::string::npos) << rule;
  }
}

TEST(NotrackFiles, HaveNetworksAndProtocolsWithoutPortsOfBothFamilies) {
  AdviseOptions options;
  for (const auto* text : {"10.0.0.0/8", "2001:db8::/32", "ospf", "bgp"}) {
    options.notrack.push_back(conntrack::test::Target(text));
  }
  const auto advice = AdviseSizing({}, options);
  const auto nft = Render(Format::kNftNotrack, {}, advice);
  for (const auto* rule :
       {"ip daddr 10.0.0.0/8", "ip saddr 10.0.0.0/8", "ip6 daddr 2001:db8::/32",
        "ip6 saddr 2001:db8::/32", "meta l4proto 89", "tcp dport 179", "tcp sport 179"}) {
    const auto line = "    " + std::string(rule) + " notrack\n";
    const auto first = nft.find(line);
    ASSERT_NE(first, std::string::npos) << rule;
    EXPECT_NE(nft.find(line, first + 1), std::string::npos) << rule;
  }
  EXPECT_THAT(Render(Format::kIptablesNotrack, {}, advice),
              HasSubstr("-A CONNTRACK_NOTRACK -4 -d 10.0.0.0/8 -j CT --notrack\n"
                        "-A CONNTRACK_NOTRACK -4 -s 10.0.0.0/8 -j CT --notrack\n"
                        "-A CONNTRACK_NOTRACK -6 -d 2001:db8::/32 -j CT --notrack\n"
                        "-A CONNTRACK_NOTRACK -6 -s 2001:db8::/32 -j CT --notrack\n"
                        "# ospf\n"
                        "-A CONNTRACK_NOTRACK -p 89 -j CT --notrack\n"
                        "-A CONNTRACK_NOTRACK -p tcp --dport 179 -j CT --notrack\n"));
}

TEST(NotrackFiles, SayHowTheyLastOverABoot) {
  const auto advice = AdviseSizing({}, {});
  EXPECT_THAT(Render(Format::kNftNotrack, {}, advice), HasSubstr("/etc/nftables.conf"));
  EXPECT_THAT(Render(Format::kIptablesNotrack, {}, advice),
              AllOf(HasSubstr("netfilter-persistent save"), HasSubstr("iptables-save"),
                    HasSubstr("firewall-cmd --permanent --direct")));
}

TEST(SysctlFile, SwitchesAreThereWhereTheyAreAskedFor) {
  auto machine = conntrack::test::DnsServer();
  machine.sysctls.erase("nf_conntrack_timestamp");
  AdviseOptions options;
  EXPECT_THAT(Render(Format::kSysctl, machine, AdviseSizing(machine, options)),
              Not(HasSubstr("nf_conntrack_acct")));
  options.accounting = options.timestamps = true;
  const auto text = Render(Format::kSysctl, machine, AdviseSizing(machine, options));
  EXPECT_THAT(text, HasSubstr("\nnet.netfilter.nf_conntrack_acct = 1\n"));
  EXPECT_THAT(text, HasSubstr("\n# net.netfilter.nf_conntrack_timestamp = 1\n"));
}

TEST(InstallCommands, LeaveOutWhatHasNoEffectOnABuiltInModule) {
  auto machine = conntrack::test::DnsServer();
  EXPECT_THAT(InstallCommands(machine, AdviseSizing(machine, {}), "d"),
              HasSubstr("install -m 0644 d/modprobe.conf /etc/modprobe.d/conntrack.conf\n"));
  machine.module = ModuleState::kBuiltIn;
  EXPECT_THAT(InstallCommands(machine, AdviseSizing(machine, {}), "d"), Not(HasSubstr("modprobe")));
}

TEST(InstallCommands, QuoteWhatAShellWouldSplit) {
  const auto machine = conntrack::test::DnsServer();
  EXPECT_THAT(InstallCommands(machine, AdviseSizing(machine, {}), "my 'new' files"),
              HasSubstr(R"(install -m 0644 'my '\''new'\'' files/sysctl.conf' /etc/sysctl.d)"));
}

TEST(AdviceJson, HasTheNumbersAndLeavesOutWhatIsNotKnown) {
  const auto json = nlohmann::json::parse(
      RenderJson(conntrack::test::DnsServer(), AdviseSizing(conntrack::test::DnsServer(), {})));
  EXPECT_EQ(json["limit"]["now"], 262'144);
  EXPECT_EQ(json["limit"]["advised"], 301'056);
  EXPECT_EQ(json["bases"]["memory"], 524'288);
  EXPECT_EQ(json["timeouts"].size(), 10U);
  EXPECT_EQ(json["proposals"][0]["service"], "udp/53");
  const auto idle = nlohmann::json::parse(
      RenderJson(conntrack::test::OldAndIdle(), AdviseSizing(conntrack::test::OldAndIdle(), {})));
  EXPECT_FALSE(idle["limit"].contains("now"));
  EXPECT_FALSE(idle["machine"].contains("flows"));
  EXPECT_EQ(idle["machine"]["nf_conntrack"], "not loaded");
}

}  // namespace
}  // namespace conntrack::exporter::advise
