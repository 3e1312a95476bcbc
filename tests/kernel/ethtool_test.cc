#include "kernel/ethtool.h"

#include <gmock/gmock.h>

#include "tests/support/fake_ethtool.h"

namespace conntrack::kernel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(NetDev, NamesAreBeforeTheColon) {
  EXPECT_THAT(ParseNetDev("Inter-|   Receive                      |  Transmit\n"
                          " face |bytes    packets errs drop fifo |bytes    packets errs drop\n"
                          "    lo:    4910      58    0    0    0     4910      58    0    0\n"
                          "ens5.100:1234567890 1 0 0 0 0\n"
                          "  eth0: 1 2 3"),
              ElementsAre("lo", "ens5.100", "eth0"));
}

TEST(NetDev, WhatCannotBeANameIsLeftOut) {
  EXPECT_THAT(ParseNetDev(""), IsEmpty());
  EXPECT_THAT(ParseNetDev(": 1 2 3\n   : 4\nsixteen-letters.: 5\nfifteen-letters: 6\n"),
              ElementsAre("fifteen-letters"));
}

TEST(DriverStatistics, NamesGetTheirValues) {
  const auto statistics =
      ParseDriverStatistics(test::EnaStrings(), test::EnaValues(1, 2, 3, 4, 5, 136'812));
  EXPECT_EQ(statistics.size(), 17U);
  EXPECT_EQ(statistics.at("bw_in_allowance_exceeded"), 1U);
  EXPECT_EQ(statistics.at("conntrack_allowance_exceeded"), 4U);
  EXPECT_EQ(statistics.at("conntrack_allowance_available"), 136'812U);
  EXPECT_EQ(statistics.at("ena_admin_q_aborted_cmd"), 7U);
}

TEST(DriverStatistics, ANameMayFillItsField) {
  const std::string longest(32, 'x');
  const std::vector<std::uint64_t> values = {1, UINT64_MAX};
  EXPECT_THAT(ParseDriverStatistics(longest + test::DriverStrings({"next"}), values),
              ElementsAre(Pair("next", UINT64_MAX), Pair(longest, 1)));
}

TEST(DriverStatistics, NamesAndValuesWithoutACounterpartAreLeftOut) {
  const auto names = test::DriverStrings({"a", "b"});
  const std::vector<std::uint64_t> values = {1, 2, 3};
  EXPECT_THAT(ParseDriverStatistics(names, std::span(values).first(1)), ElementsAre(Pair("a", 1)));
  EXPECT_THAT(ParseDriverStatistics(names, values), ElementsAre(Pair("a", 1), Pair("b", 2)));
  EXPECT_THAT(ParseDriverStatistics(names.substr(0, 63), values), ElementsAre(Pair("a", 1)));
  EXPECT_THAT(ParseDriverStatistics({}, values), IsEmpty());
}

}  // namespace
}  // namespace conntrack::kernel
