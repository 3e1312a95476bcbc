#include "collectors/stat_families.h"

#include <gmock/gmock.h>

namespace conntrack {
namespace {

using kernel::ConntrackStat;
using kernel::CpuStat;
using kernel::StatCounter;

/// Two CPUs, with counters of all sizes; one that this kernel lacks.
ConntrackStat SomeStat() {
  ConntrackStat stat;
  for (std::uint32_t cpu : {0U, 7U}) {
    CpuStat counters{cpu, {}};
    for (std::size_t i = 0; i < kernel::kStatCounters; ++i) {
      counters.counters[i] = static_cast<std::uint32_t>(4'294'967'295U - 1000 * i - cpu);
    }
    counters[StatCounter::kChainTooLong].reset();
    stat.cpus.push_back(counters);
  }
  return stat;
}

TEST(StatFamilies, ComeBackAsTheCountersTheyWere) {
  const auto stat = SomeStat();
  const auto again = StatOf(StatFamilies(stat));
  ASSERT_TRUE(again);
  ASSERT_EQ(again->cpus.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(again->cpus[i].cpu, stat.cpus[i].cpu);
    EXPECT_EQ(again->cpus[i].counters, stat.cpus[i].counters);
  }
}

TEST(StatFamilies, ACounterThatThisKernelLacksIsNoFamily) {
  for (const auto& family : StatFamilies(SomeStat())) {
    EXPECT_NE(family.name, "conntrack_stat_chain_toolong_total");
  }
}

TEST(StatFamilies, AmongOthersNothingIsNothing) {
  EXPECT_FALSE(StatOf({}));
  EXPECT_FALSE(StatOf({Gauge("conntrack_entries", "", 1)}));
  EXPECT_FALSE(
      StatOf({{"conntrack_stat_drop_total", "", MetricType::kCounter, {{{{"cpu", "none"}}, 1}}}}));
}

}  // namespace
}  // namespace conntrack
