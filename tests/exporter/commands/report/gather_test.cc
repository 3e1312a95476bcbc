#include "exporter/commands/report/gather.h"

#include <gmock/gmock.h>

#include "collectors/flows/nat_collector.h"
#include "diagnosis/diagnosis.h"
#include "tests/support/test_access.h"
#include "tests/support/whole_output.h"

namespace conntrack::exporter::report {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

const std::function<bool()> kNever = [] { return false; };

Situation SituationOf(const KernelAccess& access, const CollectorOptions& options = {}) {
  Gatherer gatherer(access, options, 5, nullptr, kNever);
  auto situation = gatherer.Read();
  gatherer.ReadLosses(situation);
  return situation;
}

KernelAccess Privileged() { return test::Scenarios().back().access; }

TEST(Gather, ReadsEverythingThatThereIs) {
  const auto situation = SituationOf(Privileged());
  ASSERT_EQ(situation.missing.size(), 1U);
  EXPECT_EQ(situation.missing[0].part, "conntrack_setting_drift of nf_conntrack_expect_max");
  EXPECT_EQ(situation.limit, 262'144U);
  ASSERT_TRUE(situation.flows && situation.talkers && situation.snat);
  EXPECT_EQ(situation.flows->flows, 12U);
  ASSERT_TRUE(situation.flows->idle);
  EXPECT_EQ(situation.flows->idle->timeout_seconds, 432'000U);
  EXPECT_EQ(situation.flows->idle->flows, 0U);
  EXPECT_EQ(situation.snat->front().available, 64'512U);
  // insert_failed 900 + 901, drop 1000 + 1001, chain_toolong 1500 + 1501 by the script.
  EXPECT_EQ(situation.loss_since_boot->packets.chain_too_long.packets, 3'001U);
  EXPECT_FALSE(situation.loss_recently) << "there was no reading before";
}

TEST(Gather, TwoReadingsOfTheCountersTellWhatWasLostBetween) {
  Gatherer gatherer(Privileged(), {}, 5, nullptr, kNever);
  Situation situation;
  gatherer.ReadLosses(situation);
  gatherer.ReadLosses(situation);
  ASSERT_TRUE(situation.loss_recently);
  EXPECT_EQ(situation.loss_recently->packets.total.packets, 0U);
  EXPECT_GE(*situation.loss_recently->seconds, 0);
}

TEST(Gather, WithoutTheCapabilityOnlyFlowsAreMissing) {
  const auto situation = SituationOf(test::AccessTo("6.18-2cpu"));
  EXPECT_TRUE(situation.entries && situation.limit && situation.loss_since_boot);
  EXPECT_FALSE(situation.flows || situation.talkers || situation.snat);
  // This capture has no boot files either.
  EXPECT_THAT(situation.missing, ElementsAre(Field(&Omission::part, "flows, talkers, SNAT ports"),
                                             Field(&Omission::part, "settings after a boot")));
  EXPECT_EQ(situation.missing.front().reason.kind, ErrorKind::kDenied);
}

TEST(Gather, WithoutTheModuleNothingIsReadAndNothingIsMissing) {
  const auto situation = SituationOf(test::AccessTo("module-not-loaded"));
  EXPECT_EQ(situation.no_table.value().kind, ErrorKind::kNotLoaded);
  EXPECT_FALSE(situation.entries || situation.flows || situation.loss_since_boot);
  EXPECT_THAT(situation.missing, IsEmpty());
  const auto findings = Diagnose(situation);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings.front().id, "no_tracking");
  EXPECT_EQ(findings.front().next, situation.no_table->remedy);
}

TEST(Gather, EntriesOfTheHostAreThoseOfSlabinfoWhereOneHashTableServesAll) {
  EXPECT_EQ(SituationOf(test::AccessTo("6.1-2cpu")).host_entries, 200'144U);
  EXPECT_EQ(SituationOf(test::AccessTo("3.10-4cpu")).host_entries, std::nullopt);
  EXPECT_EQ(SituationOf(test::AccessTo("5.15-no-stat-file")).host_entries, std::nullopt);
}

TEST(Gather, OldKernelsAreSplitByTheirRelease) {
  EXPECT_EQ(SituationOf(test::AccessTo("3.10-4cpu")).loss_since_boot->packets.total.unknown, "");
}

TEST(Gather, TheRangeOfPortsIsThatOfTheCommandLine) {
  CollectorOptions options;
  options.Get<NatOptions>().port_range = kernel::PortRange{20'000, 20'099};
  EXPECT_EQ(SituationOf(Privileged(), options).snat->front().available, 100U);
}

}  // namespace
}  // namespace conntrack::exporter::report
