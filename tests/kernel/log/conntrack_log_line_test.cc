#include "kernel/log/conntrack_log_line.h"

#include <gtest/gtest.h>

#include <string>

#include "kernel/log/kmsg.h"
#include "kernel/proc/kernel_files.h"
#include "tests/support/captures.h"

namespace conntrack::kernel {
namespace {

constexpr ConntrackLogLine kTableFull{ConntrackLogKind::kTableFull, {}, 0};

TEST(ConntrackLogLine, TableFullIsKnownInEveryWording) {
  for (const auto* text :
       {"ip_conntrack: table full, dropping packet.",
        "ip_conntrack: VPS 123 table full, dropping packet.",
        "ip_conntrack: CT123: table full, dropping packet.",
        "CT123: nf_conntrack: table full, dropping packet",
        "nf_conntrack: CT 123: table full, dropping packet.",
        "nf_conntrack: table full, dropping packet.", "nf_conntrack: table full, dropping packet",
        "nf_conntrack: nf_conntrack: table full, dropping packet",
        "nf_conntrack: nf_conntrack: table full, dropping packet\n"}) {
    EXPECT_EQ(MatchConntrackLog(text), kTableFull) << text;
  }
}

TEST(ConntrackLogLine, NamespaceIsTakenWhereItIsNamed) {
  EXPECT_EQ(MatchConntrackLog(
                "nf_conntrack: nf_conntrack: table full in netns 4026532315, dropping packet"),
            (ConntrackLogLine{ConntrackLogKind::kTableFull, 4026532315, 0}));
}

/// What a captured record says, written by the kernel itself as a warning.
std::optional<ConntrackLogLine> Captured(const std::string& name) {
  const auto bytes = KernelFiles(test::Capture("kernel-log")).Read(name);
  const auto record = ParseKmsgRecord(bytes.value());
  EXPECT_EQ(record->facility, kKernelFacility) << name;
  EXPECT_EQ(record->level, 4U) << name;
  return MatchConntrackLog(record->text);
}

TEST(ConntrackLogLine, RecordsOfRealKernels) {
  for (const std::string release : {"5.10", "6.1", "6.12", "6.18", "7.3"}) {
    EXPECT_EQ(Captured(release + "-table-full"), kTableFull) << release;
    const auto suppressed = Captured(release + "-suppressed");
    ASSERT_TRUE(suppressed.has_value()) << release;
    EXPECT_EQ(suppressed->kind, ConntrackLogKind::kSuppressed) << release;
    EXPECT_GT(suppressed->suppressed, 100U) << release;
  }
  EXPECT_EQ(Captured("6.18-table-full-in-netns"),
            (ConntrackLogLine{ConntrackLogKind::kTableFull, 4'026'532'144, 0}));
  EXPECT_EQ(Captured("7.3-table-full-in-netns"),
            (ConntrackLogLine{ConntrackLogKind::kTableFull, 4'026'532'142, 0}));
}

TEST(ConntrackLogLine, ExpectationTableFull) {
  EXPECT_EQ(MatchConntrackLog("nf_conntrack: expectation table full"),
            (ConntrackLogLine{ConntrackLogKind::kExpectationTableFull, {}, 0}));
}

TEST(ConntrackLogLine, SuppressedMessagesAreCounted) {
  EXPECT_EQ(MatchConntrackLog("net_ratelimit: 32 callbacks suppressed"),
            (ConntrackLogLine{ConntrackLogKind::kSuppressed, {}, 32}));
  EXPECT_EQ(MatchConntrackLog("__ratelimit: 7 callbacks suppressed"),
            (ConntrackLogLine{ConntrackLogKind::kSuppressed, {}, 7}));
}

TEST(ConntrackLogLine, NothingElseMatches) {
  for (const auto* text :
       {"", "table full, dropping packet", "nf_conntrack: ", "CT", "CT1", "VPS ",
        "CT1: ", "nf_conntrack: table full, dropping packets",
        "nf_conntrack: table full in netns , dropping packet",
        "nf_conntrack: table full in netns 99999999999999999999, dropping packet",
        "nf_conntrack: table full in netns 12 dropping packet",
        "IN=eth0 nf_conntrack: table full, dropping packet",
        "nf_conntrack: table full, dropping packet IN=eth0", "neighbour: arp_cache: table full",
        "nf_conntrack version 0.5.0 (65536 buckets, 262144 max)",
        "net_ratelimit: callbacks suppressed", "net_ratelimit: 5 callbacks",
        "some_driver: 5 callbacks suppressed",
        "net_ratelimit: 99999999999999999999 callbacks suppressed"}) {
    EXPECT_EQ(MatchConntrackLog(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace conntrack::kernel
