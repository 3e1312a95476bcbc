#include "exporter/status/status_page.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::status {
namespace {

using std::chrono::duration;

const Error kDenied{ErrorKind::kDenied, 1, "reading it: denied", "ask for it"};

const CollectorHealth& Named(const std::vector<CollectorHealth>& all, std::string_view name) {
  for (const auto& health : all) {
    if (health.name == name) return health;
  }
  throw std::logic_error("there is no such collector");
}

/// One collector in each state; all others are off.
std::vector<CollectorHealth> OneOfEach() {
  std::vector<CollectorRun> runs;
  runs.push_back({"table", duration<double>(0.25), Collection{{}, {}, "sysctl"}});
  runs.push_back({"stat", duration<double>(1), Fail(kDenied)});
  runs.push_back({"flows", duration<double>(1), Fail(ErrorKind::kTimeout, "not yet", "wait")});
  runs.push_back({"memory", duration<double>(1),
                  Collection{{}, {{"conntrack_entry_size_bytes", kDenied}}, "slabinfo"}});
  return HealthOf(runs, {{"kernel_log", kDenied}});
}

TEST(CollectorHealth, EveryCollectorIsThereInTheOrderOfTheCatalogue) {
  const auto all = OneOfEach();
  ASSERT_EQ(all.size(), Catalogue().size());
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].name, Catalogue()[i].name);
}

TEST(CollectorHealth, StatesAreTold) {
  const auto all = OneOfEach();
  EXPECT_EQ(Named(all, "table").state, HealthState::kOk);
  EXPECT_EQ(Named(all, "table").seconds, 0.25);
  EXPECT_EQ(Named(all, "table").source, "sysctl");
  EXPECT_EQ(Named(all, "stat").state, HealthState::kFailed);
  EXPECT_EQ(Named(all, "stat").error, kDenied);
  EXPECT_EQ(Named(all, "memory").state, HealthState::kPartly);
  EXPECT_EQ(Named(all, "kernel_log").state, HealthState::kLeftOut);
  EXPECT_EQ(Named(all, "kernel_log").error, kDenied);
  EXPECT_EQ(Named(all, "talkers").state, HealthState::kOff);
  EXPECT_FALSE(Named(all, "talkers").seconds);
}

TEST(CollectorHealth, AWalkThatIsNotDoneIsNoFailure) {
  const auto all = OneOfEach();
  EXPECT_EQ(Named(all, "flows").state, HealthState::kWaiting);
  EXPECT_EQ(Named(all, "flows").error->remedy, "");
}

TEST(WhyMissing, NamesTheReasonOfTheCollectorThatYieldsIt) {
  const auto all = OneOfEach();
  EXPECT_EQ(WhyMissing(all, "stat", "conntrack_stat"), kDenied);
  EXPECT_EQ(WhyMissing(all, "kernel_log", "x"), kDenied);
  EXPECT_EQ(WhyMissing(all, "memory", "conntrack_entry_size"), kDenied);
  EXPECT_EQ(WhyMissing(all, "talkers", "conntrack_talkers").message,
            "the collector talkers is off");
  EXPECT_EQ(WhyMissing(all, "talkers", "conntrack_talkers").remedy, "--collector.talkers");
  EXPECT_EQ(WhyMissing(all, "table", "x").message, "the collector table does not tell");
}

}  // namespace
}  // namespace conntrack::exporter::status
