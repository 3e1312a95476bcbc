#include "kernel/log/conntrack_log_line.h"

#include <gtest/gtest.h>

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
