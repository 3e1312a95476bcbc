#include "diagnosis/sizing_advice.h"

#include <gmock/gmock.h>

#include "tests/support/machines.h"

namespace conntrack {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

SizingRequest With(std::optional<std::uint64_t> peak,
                   std::optional<SizingProfile> profile = std::nullopt) {
  SizingRequest options;
  options.peak = peak;
  options.profile = profile;
  return options;
}

const TimeoutAdvice& TimeoutOf(const SizingAdvice& advice, std::string_view sysctl) {
  return *std::find_if(advice.timeouts.begin(), advice.timeouts.end(),
                       [&](const auto& timeout) { return timeout.rule.sysctl == sysctl; });
}

TEST(SizingAdvice, TheLimitServesThePeakWithHeadroomInWholePagesOfBuckets) {
  const auto advice = AdviseSizing(test::DnsServer(), {});
  EXPECT_EQ(advice.peak, 200'000U);
  EXPECT_EQ(advice.limit.now, 262'144U);
  EXPECT_EQ(advice.limit.advised, 301'056U);  // 300000, in steps of 2048
  EXPECT_EQ(advice.buckets.advised, 301'056U);
  EXPECT_THAT(advice.limit.reason, HasSubstr("1.5 times the peak of 200000"));
}

TEST(SizingAdvice, ThePeakGivenAndTheHeadroomGivenReplaceTheMeasuredOnes) {
  auto options = With(300'000);
  options.headroom = 2;
  EXPECT_EQ(AdviseSizing(test::DnsServer(), options).limit.advised, 600'064U);
}

TEST(SizingAdvice, APeakBelowThePresentCountIsNotBelieved) {
  const auto advice = AdviseSizing(test::DnsServer(), With(10));
  EXPECT_EQ(advice.peak, 200'000U);
  EXPECT_THAT(advice.warnings, Contains(HasSubstr("--peak 10 is below the current count")));
}

TEST(SizingAdvice, ALargerLimitInForceIsNeverLowered) {
  auto machine = test::DnsServer();
  machine.sysctls["nf_conntrack_max"] = 2'000'000;
  machine.sysctls["nf_conntrack_buckets"] = 3'000'000;
  const auto advice = AdviseSizing(machine, {});
  EXPECT_EQ(advice.limit.advised, 2'000'000U);
  EXPECT_EQ(advice.buckets.advised, 3'000'000U);
  EXPECT_THAT(advice.limit.reason, HasSubstr("301056 would be enough"));
}

TEST(SizingAdvice, ALimitOfZeroIsNoLimitToKeep) {
  auto machine = test::DnsServer();
  machine.sysctls["nf_conntrack_max"] = 0;
  const auto advice = AdviseSizing(machine, {});
  EXPECT_EQ(advice.limit.advised, 301'056U);
  EXPECT_THAT(advice.warnings, Contains(HasSubstr("nf_conntrack_max is 0")));
}

TEST(SizingAdvice, EntriesThatNoWalkFindsWouldFillALargerTableToo) {
  auto machine = test::DnsServer();
  const auto warning = HasSubstr("A walk finds no flow for 190000 of the");
  EXPECT_THAT(AdviseSizing(machine, {}).warnings, testing::Not(Contains(warning)));
  machine.flows->unseen = 190'000;
  EXPECT_THAT(AdviseSizing(machine, {}).warnings, Contains(warning));
}

TEST(SizingAdvice, BucketsFollowTheKernelAndAKubernetesNodeHasAsManyAsEntries) {
  auto machine = test::DnsServer();
  machine.refuses_long_chains = false;
  machine.sysctls["nf_conntrack_buckets"] = 65'536;
  EXPECT_EQ(AdviseSizing(machine, {}).buckets.advised, 301'056U / 4);
  EXPECT_EQ(AdviseSizing(machine, With({}, SizingProfile::kKubernetes)).buckets.advised, 301'056U);
  machine.refuses_long_chains.reset();  // not known: never too few
  EXPECT_EQ(AdviseSizing(machine, {}).buckets.advised, 301'056U);
}

TEST(SizingAdvice, MemoryIsEntriesAndTableOfWhatIsAdvised) {
  const auto advice = AdviseSizing(test::DnsServer(), {});
  ASSERT_TRUE(advice.memory.has_value());
  EXPECT_EQ(advice.memory->entries_bytes, 301'056U * 256);
  EXPECT_EQ(advice.memory->table_bytes, 301'056U * sizeof(void*));
  EXPECT_NEAR(advice.memory->share.value(), 0.00474, 0.00001);
}

TEST(SizingAdvice, SaysWhereTheMemoryBasisDoesNotCarryTheLimit) {
  EXPECT_THAT(AdviseSizing(test::DnsServer(), {}).warnings,
              Not(Contains(HasSubstr("small for a limit"))));
  EXPECT_THAT(AdviseSizing(test::DnsServer(), With(500'000)).warnings,
              Contains(AllOf(HasSubstr("small for a limit of 751616"), HasSubstr("gives 524288"),
                             HasSubstr("1.2 % of the memory"))));
}

TEST(SizingAdvice, TimeoutsAreTheStartingPointButNoLongerThanNow) {
  const auto advice = AdviseSizing(test::DnsServer(), {});
  EXPECT_EQ(TimeoutOf(advice, "nf_conntrack_tcp_timeout_established").advised, 21'600U);
  EXPECT_EQ(TimeoutOf(advice, "nf_conntrack_udp_timeout").advised, 10U);
  EXPECT_EQ(TimeoutOf(advice, "nf_conntrack_udp_timeout").now, 10U);
}

TEST(SizingAdvice, ATimeoutThatThisKernelLacksIsNamedSo) {
  auto machine = test::DnsServer();
  machine.sysctls.erase("nf_conntrack_generic_timeout");
  EXPECT_FALSE(TimeoutOf(AdviseSizing(machine, {}), "nf_conntrack_generic_timeout").exists);
  EXPECT_TRUE(
      TimeoutOf(AdviseSizing(test::OldAndIdle(), {}), "nf_conntrack_generic_timeout").exists);
}

TEST(SizingAdvice, ProposesOnlyWhatFillsTheTableAndIsNotTranslated) {
  EXPECT_THAT(AdviseSizing(test::DnsServer(), {}).proposals,
              ElementsAre(Field(&TargetFlows::target, test::Target("udp/53"))));
  auto machine = test::DnsServer();
  machine.flows->services[0].flows = 9000;  // less than a twentieth
  EXPECT_THAT(AdviseSizing(machine, {}).proposals, IsEmpty());
}

TEST(SizingAdvice, ProposesRoutingAndTunnelsHoweverFewTheirFlowsAre) {
  auto machine = test::DnsServer();
  machine.flows->targets = {{test::Target("bgp"), 4, 0},
                            {test::Target("ospf"), 0, 0},
                            {test::Target("gre"), 9, 1},
                            {test::Target("geneve"), 1, 0}};
  EXPECT_THAT(AdviseSizing(machine, {}).proposals,
              ElementsAre(Field(&TargetFlows::target, test::Target("udp/53")),
                          Field(&TargetFlows::target, test::Target("bgp")),
                          Field(&TargetFlows::target, test::Target("geneve"))));
}

TEST(SizingAdvice, WhatIsProposedForTwoReasonsIsProposedOnce) {
  auto machine = test::DnsServer();
  machine.flows->services[0].target = test::Target("vxlan");
  machine.flows->targets = {{test::Target("vxlan"), 165'000, 0}};
  EXPECT_THAT(AdviseSizing(machine, {}).proposals, testing::SizeIs(1));
}

TEST(SizingAdvice, AccountingAndTimestampsShareTheirPrice) {
  SizingRequest options;
  EXPECT_THAT(AdviseSizing(test::DnsServer(), options).extensions, IsEmpty());
  options.accounting = options.timestamps = true;
  const auto extensions = AdviseSizing(test::DnsServer(), options).extensions;
  ASSERT_EQ(extensions.size(), 2U);
  EXPECT_EQ(extensions[0].sysctl, "nf_conntrack_acct");
  EXPECT_EQ(extensions[0].now, 0U);
  EXPECT_THAT(extensions[0].price, AllOf(HasSubstr("32 bytes"), HasSubstr("36.8 MiB at the limit"),
                                         HasSubstr("computed")));
  EXPECT_EQ(extensions[1].sysctl, "nf_conntrack_timestamp");
  EXPECT_THAT(extensions[1].price, AllOf(HasSubstr("16 bytes"), HasSubstr("no more memory")));
}

TEST(SizingAdvice, AccountingCostsNothingWhereEventsHavePaidForIt) {
  SizingRequest options;
  options.accounting = true;
  auto machine = test::DnsServer();
  machine.sysctls["nf_conntrack_events"] = 1;
  machine.sysctls.erase("nf_conntrack_acct");
  const auto extensions = AdviseSizing(machine, options).extensions;
  ASSERT_EQ(extensions.size(), 1U);
  EXPECT_FALSE(extensions[0].exists);
  EXPECT_THAT(extensions[0].price, HasSubstr("no more memory"));
}

TEST(SizingAdvice, WhatIsAskedForIsActiveAndNotProposedAgain) {
  SizingRequest options;
  options.notrack = {test::Target("udp/53")};
  const auto advice = AdviseSizing(test::DnsServer(), options);
  EXPECT_THAT(advice.notrack, ElementsAre(test::Target("udp/53")));
  EXPECT_THAT(advice.proposals, IsEmpty());
  EXPECT_THAT(advice.warnings, Contains(StartsWith("NOTRACK: NAT no longer works")));
}

TEST(SizingAdvice, WarnsWhereTheServiceAskedForIsTranslated) {
  SizingRequest options;
  options.notrack = {test::Target("tcp/443")};
  auto machine = test::DnsServer();
  machine.flows->targets = {{test::Target("tcp/443"), 15'000, 9000}, {test::Target("gre"), 7, 7}};
  EXPECT_THAT(AdviseSizing(machine, options).warnings, Not(Contains(HasSubstr("of gre"))));
  EXPECT_THAT(AdviseSizing(machine, options).warnings,
              Contains(HasSubstr("9000 of the 15000 flows of tcp/443 use NAT")));
}

TEST(SizingAdvice, KubeProxyIsNamedFirstWithItsFlags) {
  const auto warnings = AdviseSizing(test::KubernetesNode(), {}).warnings;
  ASSERT_GE(warnings.size(), 2U);
  EXPECT_THAT(warnings[0],
              AllOf(HasSubstr("131072 here"), HasSubstr("not 262144"),
                    HasSubstr("--conntrack-max-per-core"), HasSubstr("--conntrack-min")));
  EXPECT_THAT(warnings[1], AllOf(HasSubstr("--conntrack-tcp-timeout-established"),
                                 HasSubstr("--conntrack-tcp-timeout-close-wait")));
}

TEST(SizingAdvice, AKubeletAloneIsNoKubeProxy) {
  auto machine = test::KubernetesNode();
  machine.place.kubernetes->kube_proxy = kernel::KubeProxyMode::kNone;
  machine.place.kubernetes->cilium = true;
  const auto advice = AdviseSizing(machine, {});
  EXPECT_EQ(advice.profile.profile, SizingProfile::kKubernetes);
  EXPECT_FALSE(advice.kube_proxy.has_value());
  EXPECT_THAT(advice.warnings, Not(Contains(HasSubstr("kube-proxy writes"))));
  EXPECT_THAT(advice.warnings, Contains(HasSubstr("bpf-ct-global-tcp-max")));
}

TEST(SizingAdvice, AKubeProxyThatCannotBeSeenIsNotTakenForSure) {
  auto machine = test::KubernetesNode();
  machine.place.kubernetes->kube_proxy = kernel::KubeProxyMode::kUnknown;
  const auto advice = AdviseSizing(machine, {});
  ASSERT_TRUE(advice.kube_proxy.has_value());
  EXPECT_FALSE(advice.kube_proxy->certain);
  EXPECT_THAT(advice.warnings[0], HasSubstr("if it runs here"));
  EXPECT_THAT(advice.warnings[1], HasSubstr("which are the current values"));
}

TEST(SizingAdvice, KubeProxyWritesWhatItsOptionsSay) {
  auto machine = test::KubernetesNode();
  auto& options = machine.place.kubernetes->kube_proxy_options;
  options = {{"conntrack-max-per-core", "100000"}, {"conntrack-tcp-timeout-close-wait", "0s"}};
  auto advice = AdviseSizing(machine, {});
  EXPECT_EQ(advice.bases.kube_proxy, 400'000U);
  EXPECT_THAT(advice.kube_proxy->timeouts, ElementsAre("nf_conntrack_tcp_timeout_established"));
  options = {{"conntrack-max-per-core", "0"},
             {"conntrack-tcp-timeout-established", "0h0m0s"},
             {"conntrack-tcp-timeout-close-wait", "0"},
             {"conntrack-udp-timeout", "30s"}};
  advice = AdviseSizing(machine, {});
  EXPECT_EQ(advice.kube_proxy->limit, std::nullopt);
  EXPECT_THAT(advice.kube_proxy->timeouts, ElementsAre("nf_conntrack_udp_timeout"));
  EXPECT_THAT(advice.warnings, Not(Contains(HasSubstr("kube-proxy writes nf_conntrack_max"))));
}

TEST(SizingAdvice, NamesWhatLastsWhereNodesAreMadeAnew) {
  auto machine = test::KubernetesNode();
  EXPECT_THAT(AdviseSizing(machine, {}).warnings, Contains(HasSubstr("kops: sysctlParameters")));
  machine.place.kubernetes->distribution = "OpenShift";
  EXPECT_THAT(AdviseSizing(machine, {}).warnings, Contains(HasSubstr("a Tuned object")));
}

TEST(SizingAdvice, KubeProxyThatAgreesOnTheLimitIsNoConflict) {
  auto machine = test::KubernetesNode();
  machine.cpus = 8;  // 8 x 32768 is what is advised
  EXPECT_THAT(AdviseSizing(machine, {}).warnings,
              Not(Contains(HasSubstr("nf_conntrack_max at each"))));
}

TEST(SizingAdvice, RaisingTheLimitComesWithItsBucketsAndTheirPrice) {
  const auto warnings = AdviseSizing(test::DnsServer(), {}).warnings;
  EXPECT_THAT(warnings, Contains(AllOf(HasSubstr("Raise the buckets with the limit"),
                                       HasSubstr("chains of 2.3 on average"))));
  EXPECT_THAT(warnings, Contains(HasSubstr("locks it until all entries are moved")));
  auto roomy = test::DnsServer();
  roomy.sysctls["nf_conntrack_buckets"] = 524'288;
  EXPECT_THAT(AdviseSizing(roomy, {}).warnings, Not(Contains(HasSubstr("locks it until"))));
}

TEST(SizingAdvice, OldKernelsHaveTheirBucketsFromTheModule) {
  const auto advice = AdviseSizing(test::OldAndIdle(), {});
  EXPECT_FALSE(advice.buckets_by_sysctl);
  EXPECT_THAT(advice.warnings, Contains(HasSubstr("before 4.9")));
  EXPECT_THAT(advice.notes, Contains(HasSubstr("8 times")));
}

TEST(SizingAdvice, WithoutTheModuleTheMachineIsAdvisedAllTheSame) {
  const auto advice = AdviseSizing(test::OldAndIdle(), {});
  EXPECT_EQ(advice.limit.now, std::nullopt);
  EXPECT_EQ(advice.limit.advised, 131'072U);
  EXPECT_EQ(advice.buckets.advised, 32'768U);
  EXPECT_THAT(advice.warnings[0], HasSubstr("is not loaded"));
}

TEST(ProfileChoice, IsByTheLooksOfTheMachine) {
  const auto chosen = [](const Machine& machine) { return ChooseProfile(machine).profile; };
  EXPECT_EQ(chosen(test::DnsServer()), SizingProfile::kMedium);
  EXPECT_EQ(chosen(test::KubernetesNode()), SizingProfile::kKubernetes);
  EXPECT_EQ(chosen(test::OldAndIdle()), SizingProfile::kLight);
  auto machine = test::DnsServer();
  machine.mem_total = 64ULL << 30U;
  EXPECT_EQ(chosen(machine), SizingProfile::kHeavy);
  machine.flows->source_translated = 150'000;
  EXPECT_EQ(chosen(machine), SizingProfile::kHeavy);  // it does not forward
  machine.forwarding = true;
  EXPECT_EQ(chosen(machine), SizingProfile::kNatGateway);
  machine.mem_total = 16ULL << 30U;  // does not carry a million
  EXPECT_EQ(chosen(machine), SizingProfile::kMedium);
  machine.mem_total.reset();
  EXPECT_EQ(chosen(machine), SizingProfile::kLight);
}

TEST(ProfileChoice, AFewFlowsSayNothing) {
  auto machine = test::DnsServer();
  machine.mem_total = 64ULL << 30U;
  machine.forwarding = true;
  machine.flows->flows = 10;
  machine.flows->source_translated = 10;
  EXPECT_EQ(ChooseProfile(machine).profile, SizingProfile::kHeavy);
}

}  // namespace
}  // namespace conntrack
