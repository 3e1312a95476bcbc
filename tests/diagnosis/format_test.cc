#include "diagnosis/format.h"

#include <gtest/gtest.h>

namespace conntrack {
namespace {

TEST(Format, NumbersAreGroupedByThousands) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1'000), "1,000");
  EXPECT_EQ(Grouped(262'144), "262,144");
  EXPECT_EQ(Grouped(18'446'744'073'709'551'615U), "18,446,744,073,709,551,615");
}

TEST(Format, SharesHaveOneDecimal) {
  EXPECT_EQ(PercentOf(1, 3), "33.3 %");
  EXPECT_EQ(PercentOf(5, 5), "100.0 %");
  EXPECT_EQ(PercentOf(0, 0), "0.0 %");
}

TEST(Format, BytesAreInBinaryUnits) {
  EXPECT_EQ(Bytes(0), "0 B");
  EXPECT_EQ(Bytes(1023), "1023 B");
  EXPECT_EQ(Bytes(1536), "1.5 KiB");
  EXPECT_EQ(Bytes(8ULL << 30), "8.0 GiB");
}

TEST(Format, SpansAreInTheUnitThatPeopleSetThemIn) {
  EXPECT_EQ(Span(0), "0 s");
  EXPECT_EQ(Span(30), "30 s");
  EXPECT_EQ(Span(120), "120 s");
  EXPECT_EQ(Span(600), "10 min");
  EXPECT_EQ(Span(3600), "1 h");
  EXPECT_EQ(Span(5400), "90 min");
  EXPECT_EQ(Span(432'000), "5 d");
  EXPECT_EQ(Span(3601), "3601 s");
}

TEST(Format, OnePacketIsNotPlural) {
  EXPECT_EQ(Count(1, "packet"), "1 packet");
  EXPECT_EQ(Count(0, "packet"), "0 packets");
  EXPECT_EQ(Count(1'500, "packet"), "1,500 packets");
}

}  // namespace
}  // namespace conntrack
