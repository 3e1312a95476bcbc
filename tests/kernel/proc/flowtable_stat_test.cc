#include "kernel/proc/flowtable_stat.h"

#include <gmock/gmock.h>

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// As nf_flow_table_cpu_seq_show() of Linux 6.0 prints it.
constexpr const char* kHeader = "wq_add   wq_del   wq_stats\n";

Result<FlowtableTasks> Parsed(const std::string& rows) {
  return ParseFlowtableStat(kHeader + rows);
}

TEST(FlowtableStat, IsTheSumOfAllCpus) {
  EXPECT_THAT(*Parsed("       3        0       10\n       4        0        1\n"),
              ElementsAre(7, 0, 11));
}

TEST(FlowtableStat, ATaskMayBeQueuedOnOneCpuAndDoneOnAnother) {
  EXPECT_THAT(*Parsed("      12       -3 2147483647\n     -10        5 -2147483640\n"),
              ElementsAre(2, 2, 7));
}

TEST(FlowtableStat, ASumThatIsReadWhileTasksMoveIsNotNegative) {
  EXPECT_THAT(*Parsed("      -1        0        0\n"), ElementsAre(0, 0, 0));
}

TEST(FlowtableStat, ColumnsAreFoundByName) {
  EXPECT_THAT(*ParseFlowtableStat("wq_new wq_stats other wq_add\n1 2 3 4\n"),
              ElementsAre(4, std::nullopt, 2));
}

TEST(FlowtableStat, WhatIsNotOfThatFormIsMalformed) {
  for (const auto* text : {"", "\n", "wq_more\n1\n"}) {
    const auto parsed = ParseFlowtableStat(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::kMalformed);
  }
  EXPECT_THAT(Parsed("1 2\n").error().message, HasSubstr("nf_flowtable"));
  EXPECT_THAT(Parsed("1 2 0x3\n").error().message, HasSubstr("\"0x3\" is not a number"));
  EXPECT_FALSE(Parsed("1 2 99999999999\n"));
}

}  // namespace
}  // namespace conntrack::kernel
