#include "diagnosis/diagnosis.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "collectors/table_collector.h"
#include "tests/support/situations.h"

namespace conntrack {
namespace {

using test::BusyGateway;
using test::LossOf;
using test::PutInState;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> IdsOf(const std::vector<Finding>& findings) {
  std::vector<std::string> ids;
  for (const auto& finding : findings) ids.emplace_back(finding.id);
  return ids;
}

std::vector<std::string> Ids(const Situation& situation) { return IdsOf(Diagnose(situation)); }

const auto kNothingWrong = ElementsAre("nothing_wrong");

Finding TheOnly(const Situation& situation) {
  const auto findings = Diagnose(situation);
  EXPECT_EQ(findings.size(), 1U) << testing::PrintToString(IdsOf(findings));
  return findings.front();
}

std::string EvidenceOf(const Finding& finding) {
  std::string evidence;
  for (const auto& part : finding.evidence) evidence += part + "; ";
  return evidence;
}

/// Sets the count so that it is this share of the limit.
void SetUse(Situation& situation, double use) {
  situation.entries = static_cast<std::uint64_t>(use * static_cast<double>(*situation.limit) + 0.5);
}

TEST(Diagnosis, ABusyHealthyTableHasNothingWrongAndSaysWhatWasLookedAt) {
  const auto finding = TheOnly(BusyGateway());
  EXPECT_EQ(finding.id, "nothing_wrong");
  EXPECT_EQ(finding.severity, Severity::kOk);
  EXPECT_EQ(finding.headline, "No problem found.");
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("38.3 % of the limit"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("no packet lost in the last 2.0 s"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("100,000 flows"));
}

TEST(Diagnosis, WhatCouldNotBeReadTakesTheWordOfAllIsWellBack) {
  auto blind = BusyGateway();
  blind.flows.reset();
  blind.talkers.reset();
  blind.snat.reset();
  const auto finding = TheOnly(blind);
  EXPECT_EQ(finding.id, "nothing_wrong");
  EXPECT_THAT(finding.headline, HasSubstr("not everything could"));
  EXPECT_THAT(finding.next, HasSubstr("check"));
}

TEST(Diagnosis, WhereNothingWasReadNothingIsSaidToBeWell) {
  EXPECT_THAT(Ids(Situation{}), ElementsAre("nothing_read"));
}

TEST(Diagnosis, AFillingTableIsWarnedOfFromThreeQuartersOn) {
  auto situation = BusyGateway();
  SetUse(situation, 0.749);
  EXPECT_THAT(Ids(situation), kNothingWrong);
  SetUse(situation, 0.751);
  EXPECT_EQ(TheOnly(situation).id, "table_filling");
  EXPECT_EQ(TheOnly(situation).severity, Severity::kWarning);
  SetUse(situation, 0.899);
  EXPECT_EQ(TheOnly(situation).severity, Severity::kWarning);
  SetUse(situation, 0.901);
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.severity, Severity::kCritical);
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("of 262,144 (90.1 %)"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("80.0 % of the flows are ASSURED"));
}

TEST(Diagnosis, AFullTableIsCriticalWithAndWithoutLoss) {
  auto situation = BusyGateway();
  SetUse(situation, 1.0);
  EXPECT_EQ(TheOnly(situation).id, "table_full");
  EXPECT_THAT(TheOnly(situation).headline, HasSubstr("next new connections"));

  situation.loss_recently->packets.evicted = 40;
  EXPECT_THAT(TheOnly(situation).headline, HasSubstr("evict others"));
  EXPECT_THAT(EvidenceOf(TheOnly(situation)), HasSubstr("40 entries evicted"));

  situation.loss_recently->packets = LossOf(153, 0, 0);
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.severity, Severity::kCritical);
  EXPECT_THAT(finding.headline, HasSubstr("are dropped"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("153 packets lost in the last 2.0 s"));
}

TEST(Diagnosis, LossToAFullTableIsNamedAlsoWhereTheCountHasFallenSince) {
  auto situation = BusyGateway();
  situation.loss_recently->packets = LossOf(1, 0, 0);
  EXPECT_EQ(TheOnly(situation).id, "table_full");
  EXPECT_THAT(TheOnly(situation).headline, HasSubstr("was full a moment ago"));
}

TEST(Diagnosis, OnOldKernelsLossOfUnknownCauseInANearlyFullTableIsThatOfAFullOne) {
  auto situation = BusyGateway();
  auto& packets = situation.loss_recently->packets;
  packets = LossOf(0, 0, 0);
  packets.table_full = packets.unresolved_clash = {{}, "mixed"};
  packets.total = {9, {}};
  EXPECT_THAT(Ids(situation), kNothingWrong);
  SetUse(situation, 0.95);
  EXPECT_EQ(TheOnly(situation).id, "table_full");
}

/// One interface whose driver counted `refused`, of these `lately` in the last 60 s.
EnaReading Cloud(std::uint64_t refused, std::optional<std::uint64_t> lately,
                 std::optional<std::uint64_t> available) {
  EnaReading ena;
  ena.interfaces = {{"eth0", available, {refused, 0, 0, 0, 0}}};
  if (lately) ena.refused_recently = {*lately, 60};
  return ena;
}

TEST(Diagnosis, WhatTheCloudDropsIsCriticalThoughTheKernelsTableIsFine) {
  auto situation = BusyGateway();
  situation.ena = Cloud(5002, 153, 0);
  auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "cloud_table_full");
  EXPECT_EQ(finding.severity, Severity::kCritical);
  EXPECT_EQ(
      finding.headline,
      "The kernel's table is not full, but EC2's is full: EC2 drops packets of new connections.");
  EXPECT_THAT(finding.evidence, ElementsAre("153 packets dropped in the last 60.0 s",
                                            "5,002 packets dropped since the driver began to count",
                                            "EC2 has room for 0 more connections",
                                            "100,400 entries of 262,144 (38.3 %)"));
  situation.ena = Cloud(1, 1, {});  // an older driver
  EXPECT_EQ(TheOnly(situation).severity, Severity::kCritical);
  situation.ena = Cloud(0, {}, 0);  // seen for the first time
  EXPECT_EQ(TheOnly(situation).severity, Severity::kCritical);
  SetUse(situation, 0.95);
  EXPECT_THAT(Diagnose(situation).back().headline,
              StartsWith("EC2's own table of connections has no room left"));
}

TEST(Diagnosis, WhatTheCloudDroppedFormerlyIsANoticeUnlessItWasLittle) {
  auto situation = BusyGateway();
  situation.ena = Cloud(99, 0, 100'000);
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.ena = Cloud(100, 0, 100'000);
  EXPECT_EQ(TheOnly(situation).severity, Severity::kNotice);
  EXPECT_THAT(TheOnly(situation).headline, HasSubstr("was full at some time"));
  EXPECT_THAT(EvidenceOf(TheOnly(situation)), HasSubstr("room for 100,000 more connections"));
}

TEST(Diagnosis, AFormerLossIsANoticeUnlessItWasSmall) {
  auto situation = BusyGateway();
  situation.loss_since_boot->packets = LossOf(99, 0, 0);
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.loss_since_boot->packets = LossOf(100, 0, 0);
  EXPECT_EQ(TheOnly(situation).id, "table_was_full");
  EXPECT_EQ(TheOnly(situation).severity, Severity::kNotice);
}

TEST(Diagnosis, EvictionsSinceTheStartSayThatTheTableWasFull) {
  auto situation = BusyGateway();
  situation.loss_since_boot->packets.evicted = 99;
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.loss_since_boot->packets.evicted = 1'878'045;
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "table_was_full");
  EXPECT_EQ(finding.severity, Severity::kNotice);
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("1,878,045 flows evicted"));
  SetUse(situation, 0.8);
  EXPECT_THAT(Ids(situation), ElementsAre("table_filling", "table_was_full"));
  SetUse(situation, 1.0);
  EXPECT_THAT(Ids(situation), ElementsAre("table_full"));
}

TEST(Diagnosis, TheKernelLogTellsWhenAndSpeaksAloneOnlyWhereTheCountersDoNot) {
  auto situation = BusyGateway();
  situation.log_says_full = 7261;
  EXPECT_THAT(Ids(situation), kNothingWrong) << "it may have been another namespace";
  situation.loss_since_boot->packets = LossOf(500, 0, 0);
  EXPECT_THAT(EvidenceOf(TheOnly(situation)), HasSubstr("last line in the kernel's log 2 h ago"));
  situation.loss_since_boot.reset();
  EXPECT_EQ(TheOnly(situation).id, "table_was_full");
  EXPECT_THAT(TheOnly(situation).headline, HasSubstr("a table of this host"));
}

TEST(Diagnosis, ATableThatWasFullBetweenTwoLooksIsAWarning) {
  auto evicted = BusyGateway();
  evicted.loss_recently->packets.evicted = 1;
  auto peaked = BusyGateway();
  peaked.peak = peaked.limit;
  for (const auto& situation : {evicted, peaked}) {
    const auto finding = TheOnly(situation);
    EXPECT_EQ(finding.id, "table_full");
    EXPECT_EQ(finding.severity, Severity::kWarning);
    EXPECT_THAT(finding.headline, HasSubstr("was full a moment ago"));
  }
  EXPECT_THAT(EvidenceOf(TheOnly(peaked)), HasSubstr("up to 262,144 in the last minute"));
  peaked.peak = *peaked.limit - 1;
  EXPECT_THAT(Ids(peaked), kNothingWrong);
  peaked.limit = 0;
  EXPECT_THAT(Ids(peaked), ElementsAre("no_limit"));
}

TEST(Diagnosis, EntriesThatNoWalkFindsAreNamedBeforeALargerLimit) {
  auto situation = BusyGateway();
  SetUse(situation, 0.99);
  situation.recommended_limit = 2'000'000;
  situation.flows->unseen = *situation.entries - situation.flows->flows;
  situation.host_entries = 180;
  const auto findings = Diagnose(situation);
  EXPECT_THAT(IdsOf(findings), ElementsAre("entries_unseen", "table_filling"));
  EXPECT_EQ(findings[0].severity, Severity::kCritical);
  EXPECT_THAT(EvidenceOf(findings[0]), HasSubstr("159,523 of 259,523 entries (61.5 %)"));
  EXPECT_THAT(EvidenceOf(findings[0]), HasSubstr("about 180 entries"));
  for (const auto& finding : findings) {
    EXPECT_THAT(EvidenceOf(finding), Not(HasSubstr("ASSURED")));
    EXPECT_THAT(finding.next, Not(HasSubstr("advise")));
  }
}

TEST(Diagnosis, ChurnAndFewEntriesAreNoLeak) {
  auto situation = BusyGateway();
  situation.flows->unseen = 33'333;  // a quarter of 133,333, less a third of an entry
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.flows->unseen = 33'334;
  EXPECT_EQ(TheOnly(situation).id, "entries_unseen");
  EXPECT_EQ(TheOnly(situation).severity, Severity::kWarning);
  situation.talkers.reset();
  situation.flows = FlowFigures{};
  situation.flows->flows = 5;
  situation.flows->unseen = 999;
  EXPECT_THAT(Ids(situation), kNothingWrong);
}

TEST(Diagnosis, WithoutALimitNoTableIsFull) {
  auto situation = BusyGateway();
  situation.limit = 0;
  situation.entries = 10'000'000;
  situation.buckets = 16'777'216;
  EXPECT_THAT(Ids(situation), ElementsAre("no_limit"));
  EXPECT_THAT(EvidenceOf(TheOnly(situation)),
              testing::AllOf(HasSubstr("nf_conntrack_max is 0"), HasSubstr("10,000,000 entries")));
}

TEST(Diagnosis, ALimitThatIsNoNumberOfEntriesIsNamed) {
  auto situation = BusyGateway();
  situation.limit.reset();
  situation.bad_limit = "nf_conntrack_max holds -1";
  EXPECT_EQ(TheOnly(situation).id, "no_limit");
  EXPECT_EQ(TheOnly(situation).severity, Severity::kWarning);
  EXPECT_THAT(EvidenceOf(TheOnly(situation)), HasSubstr("holds -1"));
}

TEST(Diagnosis, ALimitThatIsLowForTheMemoryIsNamedWhereTheTableIsHalfFull) {
  auto situation = BusyGateway();
  situation.recommended_limit = 600'000;
  SetUse(situation, 0.499);
  EXPECT_THAT(Ids(situation), kNothingWrong);
  SetUse(situation, 0.501);
  EXPECT_EQ(TheOnly(situation).id, "limit_too_low");
  EXPECT_EQ(TheOnly(situation).severity, Severity::kNotice);
  EXPECT_THAT(EvidenceOf(TheOnly(situation)), HasSubstr("allows 600,000 (8.0 GiB)"));
  situation.recommended_limit = 2 * 262'144;
  EXPECT_THAT(Ids(situation), kNothingWrong) << "a limit of half of what is recommended will do";
  situation.recommended_limit = 2 * 262'144 + 1;
  EXPECT_THAT(Ids(situation), ElementsAre("limit_too_low"));
}

TEST(Diagnosis, ChainsTooLongAreCriticalWherePacketsAreLostToThem) {
  auto situation = BusyGateway();
  situation.loss_recently->packets = LossOf(0, 1, 0);
  EXPECT_EQ(TheOnly(situation).id, "chains_too_long");
  EXPECT_EQ(TheOnly(situation).severity, Severity::kCritical);
  EXPECT_THAT(EvidenceOf(TheOnly(situation)), HasSubstr("1 packet lost in the last 2.0 s"));
  EXPECT_THAT(EvidenceOf(TheOnly(situation)), HasSubstr("mean chain 0.8 in 262,144 buckets"));
}

TEST(Diagnosis, LongChainsAreANoticeByTheirMeanOrByFormerLoss) {
  auto situation = BusyGateway();
  situation.buckets = 80'320;  // mean 2.5
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.buckets = 80'000;
  EXPECT_EQ(TheOnly(situation).id, "chains_too_long");
  EXPECT_EQ(TheOnly(situation).severity, Severity::kNotice);
  situation = BusyGateway();
  situation.loss_since_boot->packets = LossOf(0, 99, 0);
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.loss_since_boot->packets = LossOf(0, 100, 0);
  EXPECT_EQ(TheOnly(situation).id, "chains_too_long");
}

TEST(Diagnosis, ChainsAreAsLongAsAllNamespacesOfTheHostMakeThem) {
  auto situation = BusyGateway();
  situation.host_entries = 327'680;  // mean 2.5
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.host_entries = 3'000'000;
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "chains_too_long");
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("mean chain 22.9 in 262,144 buckets"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("share them: about 3,000,000 entries"));
}

TEST(Diagnosis, ClashesAreAWarningNowAndANoticeAfterwards) {
  auto situation = BusyGateway();
  situation.loss_recently->packets = LossOf(0, 0, 1);
  EXPECT_EQ(TheOnly(situation).id, "unresolved_clashes");
  EXPECT_EQ(TheOnly(situation).severity, Severity::kWarning);
  situation.loss_recently->packets = LossOf(0, 0, 0);
  situation.loss_since_boot->packets = LossOf(0, 0, 99);
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.loss_since_boot->packets = LossOf(0, 0, 100);
  EXPECT_EQ(TheOnly(situation).severity, Severity::kNotice);
}

TEST(Diagnosis, ASynFloodIsNamedFromItsShareOfTheFlowsOn) {
  auto situation = BusyGateway();
  PutInState(situation, "tcp", "SYN_SENT", 39'999);
  EXPECT_THAT(Ids(situation), kNothingWrong);
  PutInState(situation, "tcp", "SYN_SENT", 30'000);
  PutInState(situation, "tcp", "SYN_RECV", 10'000);
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "syn_flood");
  EXPECT_EQ(finding.severity, Severity::kWarning);
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("40,000 of 100,000 flows (40.0 %)"));
  EXPECT_THAT(EvidenceOf(finding),
              HasSubstr("30,000 in SYN_SENT (no answer seen), 10,000 in SYN_RECV"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("10.0.0.7, has 9.0 % of all flows: forged"));
}

TEST(Diagnosis, HalfOpenConnectionsAreNamedWhereTheyAlert) {
  auto situation = BusyGateway();
  situation.limit = 250'000;
  PutInState(situation, "tcp", "SYN_RECV", 25'001);
  situation.flows->protocols.front().flows = 54'003;  // most flows are not TCP
  EXPECT_THAT(Ids(situation), kNothingWrong) << "less than half of TCP";
  situation.flows->protocols.front().flows = 54'002;
  EXPECT_THAT(Ids(situation), ElementsAre("syn_flood"));
  PutInState(situation, "tcp", "SYN_RECV", 23'000);
  EXPECT_THAT(Ids(situation), kNothingWrong) << "a tenth of the limit";
}

TEST(Diagnosis, SynSentWithAcksThatAreInvalidIsAsymmetricRouting) {
  auto situation = BusyGateway();
  PutInState(situation, "tcp", "SYN_SENT", 60'000);  // 500 a second
  auto& invalid = situation.loss_recently->packets.invalid;
  invalid = 499;  // in two seconds
  EXPECT_THAT(Ids(situation), ElementsAre("syn_flood"));
  invalid = 500;
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "asymmetric_routing");
  EXPECT_EQ(finding.severity, Severity::kWarning);
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("60,000 of 100,000 flows (60.0 %) are in SYN_SENT"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("500 INVALID packets in the last 2.0 s, in which some "
                                             "1000 of these flows began"));
  auto unknown = situation;
  unknown.loss_recently.reset();
  EXPECT_THAT(Ids(unknown), ElementsAre("syn_flood"));
  unknown = situation;
  unknown.timeouts.clear();
  EXPECT_THAT(Ids(unknown), ElementsAre("syn_flood"));
  // A flood whose answers come late, after the entries have gone, has INVALID packets too.
  PutInState(situation, "tcp", "SYN_SENT", 30'000);
  PutInState(situation, "tcp", "SYN_RECV", 30'000);
  EXPECT_THAT(Ids(situation), ElementsAre("syn_flood"));
}

TEST(Diagnosis, TcpThatIsNeverAnsweredAfterTheHandshakeIsAsymmetricRouting) {
  auto situation = BusyGateway();
  auto& unreplied = situation.flows->protocols.front().unreplied;
  unreplied = 2'000 + 26'214;  // 2,000 in SYN_SENT; a tenth of the limit
  EXPECT_THAT(Ids(situation), kNothingWrong);
  unreplied = 2'000 + 26'215;
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "asymmetric_routing");
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("26,215 of 100,000 flows (26.2 %) are TCP picked up"));
  PutInState(situation, "tcp", "CLOSE_WAIT", 26'215);
  EXPECT_THAT(Ids(situation), ElementsAre("asymmetric_routing")) << "no leak";
  PutInState(situation, "tcp", "CLOSE_WAIT", 46'215);
  EXPECT_THAT(Ids(situation), ElementsAre("asymmetric_routing", "close_wait_leak"));
  PutInState(situation, "tcp", "SYN_RECV", 50'000);
  PutInState(situation, "tcp", "CLOSE_WAIT", 1'000);
  EXPECT_THAT(Ids(situation), ElementsAre("asymmetric_routing", "syn_flood"));
}

TEST(Diagnosis, SharesOfFewFlowsSayNothing) {
  auto situation = BusyGateway();
  situation.entries = 1'000;
  situation.flows = FlowFigures{};
  situation.flows->flows = 1'000;
  situation.flows->states = {{"tcp", "SYN_SENT", 999, 120}, {"tcp", "ESTABLISHED", 1, 432'000}};
  situation.talkers.reset();
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.limit = 9'990;
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.limit = 9'989;
  EXPECT_THAT(Ids(situation), ElementsAre("syn_flood")) << "more than a tenth of the limit";
  situation.limit = 262'144;
  situation.flows->states = {{"tcp", "SYN_SENT", 1'000, 120}};
  EXPECT_THAT(Ids(situation), ElementsAre("syn_flood"));
}

TEST(Diagnosis, OneSourceIsNamedFromHalfOfTheFlowsOn) {
  auto situation = BusyGateway();
  situation.talkers->sources = {{{"10.0.0.7", 49'999}, {"10.0.0.8", 300}}, 49'701, 0};
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.talkers->sources.top.front().flows = 50'000;
  auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "one_source");
  EXPECT_EQ(finding.severity, Severity::kNotice) << "the table is not half full";
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("50,000 of 100,000 flows (50.0 %) are from 10.0.0.7"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("10.0.0.8, has 0.3 %"));
  SetUse(situation, 0.51);
  EXPECT_EQ(TheOnly(situation).severity, Severity::kWarning);
  SetUse(situation, 0.099);
  EXPECT_THAT(Ids(situation), kNothingWrong) << "who fills a table that is nearly empty is no news";
  situation.limit = 160'000;
  SetUse(situation, 0.51);
  situation.talkers->sources.top.front().flows = 40'000;
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.talkers->sources.top.front().flows = 40'001;
  EXPECT_THAT(Ids(situation), ElementsAre("one_source"))
      << "more than a quarter of the limit alerts";
}

TEST(Diagnosis, ACloseWaitLeakIsNamedWithTheTimeoutThatKeepsIt) {
  auto situation = BusyGateway();
  PutInState(situation, "tcp", "CLOSE_WAIT", 19'999);
  EXPECT_THAT(Ids(situation), kNothingWrong);
  PutInState(situation, "tcp", "CLOSE_WAIT", 20'000);
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "close_wait_leak");
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("20,000 of 100,000 flows (20.0 %)"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("stays for 60 s"));
}

TEST(Diagnosis, IdleEstablishedConnectionsAreNamedOnlyWhereTheirTimeoutIsLong) {
  auto situation = BusyGateway();
  situation.flows->idle->flows = 29'999;
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.flows->idle->flows = 30'000;
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "idle_established");
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("ESTABLISHED and idle for 1 h or more"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("stays for 5 d"));
  situation.flows->idle->timeout_seconds = 86'399;
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.flows->idle->timeout_seconds = 432'000;
  SetUse(situation, 0.099);
  EXPECT_THAT(Ids(situation), kNothingWrong);
}

TEST(Diagnosis, AProtocolWithoutAnswersIsNamedFromItsShareOn) {
  auto situation = BusyGateway();
  auto& udp = situation.flows->protocols[1];
  udp.unreplied = 29'999;
  EXPECT_THAT(Ids(situation), kNothingWrong);
  udp.unreplied = 30'000;
  auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "protocol_flood");
  EXPECT_EQ(finding.headline, "Flows of protocol udp without an answer take up much of the table.");
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("30,000 of 100,000 flows (30.0 %)"));
  EXPECT_THAT(EvidenceOf(finding),
              HasSubstr("30 s after its last packet (nf_conntrack_udp_timeout"));
  udp.unreplied = 0;
  situation.timeouts.push_back({"generic", "UNREPLIED", 600});
  situation.flows->protocols.push_back({"253", 40'000, 30'000});
  EXPECT_THAT(EvidenceOf(TheOnly(situation)),
              HasSubstr("10 min after its last packet (nf_conntrack_generic_timeout"));
}

TEST(Diagnosis, AProtocolWithoutAnswersIsNamedWhereItAlerts) {
  auto situation = BusyGateway();
  situation.flows->flows = 250'000;
  situation.limit = 250'000;
  auto& udp = situation.flows->protocols[1];
  udp.unreplied = 50'000;
  EXPECT_THAT(Ids(situation), kNothingWrong);
  udp.unreplied = 50'001;
  EXPECT_THAT(Ids(situation), ElementsAre("protocol_flood"));
}

TEST(Diagnosis, OfIcmpAnsweredFlowsCountTooWhereTheTableFills) {
  auto situation = BusyGateway();
  for (const auto* protocol : {"icmp", "icmpv6"}) {
    situation.flows->protocols = {{protocol, 29'999, 0}};
    EXPECT_THAT(Ids(situation), kNothingWrong);
    situation.flows->protocols = {{protocol, 30'000, 0}};
    EXPECT_EQ(TheOnly(situation).id, "protocol_flood");
    EXPECT_THAT(TheOnly(situation).headline, StartsWith("Flows of protocol icmp"));
    EXPECT_THAT(TheOnly(situation).headline, Not(HasSubstr("answer")));
  }
  SetUse(situation, 0.099);
  EXPECT_THAT(Ids(situation), kNothingWrong) << "answered pings are what a monitoring host is for";
  situation.flows->protocols = {{"icmp", 30'000, 30'000}};
  EXPECT_THAT(Ids(situation), ElementsAre("protocol_flood"));
}

TEST(Diagnosis, NameLookupsAreNamedFromTheirShareOn) {
  auto situation = BusyGateway();
  situation.talkers->services = {{{"udp/53", 39'999}}, 60'001, 0};
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.talkers->services = {{{"udp/53", 40'000}}, 60'000, 0};
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "protocol_flood");
  EXPECT_THAT(finding.headline, HasSubstr("DNS queries"));
  SetUse(situation, 0.099);
  EXPECT_THAT(Ids(situation), kNothingWrong) << "answered lookups are what a resolver is for";
}

TEST(Diagnosis, SnatPortsAreNamedFromFourFifthsOn) {
  auto situation = BusyGateway();
  situation.snat = {{"198.51.100.1", "tcp", "192.0.2.1:443", 799, 1'000}};
  EXPECT_THAT(Ids(situation), kNothingWrong);
  situation.snat->front().used = 800;
  EXPECT_EQ(TheOnly(situation).id, "snat_exhaustion");
  EXPECT_EQ(TheOnly(situation).severity, Severity::kWarning);
  situation.snat->front().used = 980;
  situation.snat->push_back({"198.51.100.1", "tcp", "192.0.2.2:443", 820, 1'000});
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.severity, Severity::kCritical);
  EXPECT_THAT(EvidenceOf(finding),
              HasSubstr("980 of 1,000 ports (98.0 %) of 198.51.100.1 to tcp 192.0.2.1:443"));
  EXPECT_THAT(EvidenceOf(finding), HasSubstr("1 other destination likewise"));
}

TEST(Diagnosis, DriftIsANotice) {
  auto situation = BusyGateway();
  situation.drift = {
      {"nf_conntrack_max", 524'288, "value_differs", 262'144, "/etc/sysctl.d/90-x.conf:1"}};
  EXPECT_EQ(TheOnly(situation).id, "settings_drift");
  EXPECT_EQ(TheOnly(situation).severity, Severity::kNotice);
  EXPECT_THAT(
      EvidenceOf(TheOnly(situation)),
      HasSubstr("nf_conntrack_max is 524288; a boot sets 262144 (/etc/sysctl.d/90-x.conf:1)"));
}

TEST(Diagnosis, WhoSetsItIsNamed) {
  auto situation = BusyGateway();
  situation.drift = {{"nf_conntrack_max", 1, "value_differs", 131'072, "/etc/x:1", "kube-proxy"}};
  EXPECT_THAT(EvidenceOf(TheOnly(situation)), HasSubstr("kube-proxy sets 131072 (/etc/x:1)"));
  situation.drift = {{"nf_conntrack_buckets", 1, "read_only", 5, "/etc/x:1", "systemd-sysctl"}};
  EXPECT_THAT(EvidenceOf(TheOnly(situation)),
              HasSubstr("only accepts it as hashsize of the module"));
}

TEST(Diagnosis, DriftOfManySettingsIsCutShortAndEachReasonHasItsWords) {
  auto situation = BusyGateway();
  situation.drift->clear();
  for (const auto* reason : {"not_applied_at_boot", "invalid_value", "not_set", "not_set"}) {
    situation.drift->push_back({"nf_conntrack_acct", 1, reason, 2, "/etc/x:3"});
  }
  const auto evidence = EvidenceOf(TheOnly(situation));
  EXPECT_THAT(evidence, HasSubstr("the file that sets 2 is not read at boot (/etc/x:3)"));
  EXPECT_THAT(evidence, HasSubstr("a file sets a value that the kernel refuses (/etc/x:3)"));
  EXPECT_THAT(evidence, HasSubstr("and 1 more"));
}

TEST(Diagnosis, SysctlsThatAreSetBeforeTheModuleAreAFindingOfTheirOwn) {
  auto situation = BusyGateway();
  situation.drift = {{"nf_conntrack_acct", 0, "before_module", 1, "/etc/sysctl.d/90-x.conf:1"}};
  const auto finding = TheOnly(situation);
  EXPECT_EQ(finding.id, "set_before_module");
  EXPECT_EQ(finding.severity, Severity::kNotice);
  EXPECT_THAT(EvidenceOf(finding),
              HasSubstr("nf_conntrack_acct is 0; a file sets 1 before the module is loaded "
                        "(/etc/sysctl.d/90-x.conf:1)"));
  EXPECT_THAT(finding.next, StartsWith("echo nf_conntrack > /etc/modules-load.d/conntrack.conf: "));
  situation.drift->push_back({"nf_conntrack_events", 1, "before_module", 0, "/proc/cmdline"});
  EXPECT_THAT(TheOnly(situation).next, StartsWith("set it in /etc/sysctl.d instead, and echo "));
  situation.drift->push_back({"nf_conntrack_checksum", 0, "not_set", {}, ""});
  EXPECT_THAT(Ids(situation), ElementsAre("set_before_module", "settings_drift"));
  situation.drift = {{"nf_conntrack_udp_timeout", 30, "before_module", 60, "/etc/x:1"}};
  EXPECT_THAT(TheOnly(situation).next,
              StartsWith("echo nf_conntrack > /etc/modules-load.d/conntrack.conf (timeouts before "
                         "Linux 4.19: nf_conntrack_ipv4): "));
}

TEST(Diagnosis, ALimitThatIsRaisedInVainIsAWarning) {
  auto situation = BusyGateway();
  const auto severity = [&situation](std::optional<std::int64_t> left, std::int64_t planned) {
    situation.drift = {
        {"nf_conntrack_max", 65'536, "before_module", planned, "/etc/x:1", "systemd-sysctl", left}};
    return TheOnly(situation).severity;
  };
  EXPECT_EQ(severity(65'536, 131'072), Severity::kWarning);
  EXPECT_EQ(severity(65'536, 65'536), Severity::kNotice);
  EXPECT_EQ(severity(262'144, 131'072), Severity::kNotice);
  EXPECT_EQ(severity({}, 524'288), Severity::kNotice) << "the default is not known";
  EXPECT_THAT(TheOnly(situation).headline, HasSubstr("A file sets sysctls before nf_conntrack"));
}

TEST(Diagnosis, TheMostSevereFindingComesFirst) {
  auto situation = BusyGateway();
  SetUse(situation, 1.0);
  situation.drift = {
      {"nf_conntrack_max", 524'288, "value_differs", 262'144, "/etc/sysctl.d/90-x.conf:1"}};
  situation.recommended_limit = 1'000'000;
  PutInState(situation, "tcp", "SYN_SENT", 50'000);
  situation.loss_recently->packets = LossOf(5, 0, 2);
  const auto findings = Diagnose(situation);
  EXPECT_THAT(IdsOf(findings), ElementsAre("table_full", "unresolved_clashes", "syn_flood",
                                           "limit_too_low", "settings_drift"));
  EXPECT_TRUE(std::is_sorted(findings.begin(), findings.end(),
                             [](const auto& a, const auto& b) { return a.severity > b.severity; }));
}

TEST(Diagnosis, EveryFindingSaysWhatToDoNext) {
  auto situation = BusyGateway();
  SetUse(situation, 1.0);
  situation.drift = {
      {"nf_conntrack_max", 524'288, "value_differs", 262'144, "/etc/sysctl.d/90-x.conf:1"}};
  situation.recommended_limit = 1'000'000;
  situation.buckets = 1'024;
  situation.flows->states = {{"tcp", "SYN_SENT", 40'000, 120},
                             {"tcp", "CLOSE_WAIT", 20'000, 60},
                             {"udp", "UNREPLIED", 40'000, 30}};
  situation.flows->protocols = {{"tcp", 60'000, 40'000}, {"udp", 40'000, 40'000}};
  situation.flows->idle->flows = 90'000;
  situation.talkers->sources.top.front().flows = 90'000;
  situation.snat->front().used = 64'512;
  situation.loss_recently->packets = LossOf(5, 5, 5);
  const auto findings = Diagnose(situation);
  EXPECT_EQ(findings.size(), 11U);
  for (const auto& finding : findings) {
    EXPECT_FALSE(finding.next.empty()) << finding.id;
    EXPECT_FALSE(finding.evidence.empty()) << finding.id;
    EXPECT_TRUE(finding.headline.ends_with('.')) << finding.id;
  }
}

TEST(Elsewhere, NothingIsWrongOnlyInThisNamespace) {
  Situation situation;
  situation.entries = 10;
  situation.limit = 100;
  situation.flows.emplace();
  situation.loss_recently = LossFigures{{}, 2.0};
  situation.place.boot_network_namespace = false;
  const auto findings = Diagnose(situation);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].headline,
            "No problem found in this network namespace, which is not the host's.");
}

TEST(Elsewhere, AContainerThatMissesTheHostsTableIsAWarning) {
  Situation situation;
  situation.entries = 0;
  situation.place.boot_network_namespace = false;
  situation.place.host_proc_mounted_elsewhere = true;
  const auto findings = Diagnose(situation);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].id, "not_the_host");
  EXPECT_EQ(findings[0].severity, Severity::kWarning);
  EXPECT_NE(findings[0].next.find("--network host"), std::string::npos);
}

}  // namespace
}  // namespace conntrack
