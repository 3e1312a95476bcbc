#include "exporter/web/config/go_duration.h"

#include <gtest/gtest.h>

namespace conntrack::exporter::web {
namespace {

using namespace std::chrono_literals;

TEST(GoDuration, Units) {
  EXPECT_EQ(ParseGoDuration("7ns"), 7ns);
  EXPECT_EQ(ParseGoDuration("7us"), 7us);
  EXPECT_EQ(ParseGoDuration("7\u00b5s"), 7us);
  EXPECT_EQ(ParseGoDuration("250ms"), 250ms);
  EXPECT_EQ(ParseGoDuration("1s"), 1s);
  EXPECT_EQ(ParseGoDuration("2m"), 2min);
  EXPECT_EQ(ParseGoDuration("3h"), 3h);
}

TEST(GoDuration, SumsAndFractions) {
  EXPECT_EQ(ParseGoDuration("1m30s"), 90s);
  EXPECT_EQ(ParseGoDuration("1.5h"), 90min);
  EXPECT_EQ(ParseGoDuration(".5s"), 500ms);
}

TEST(GoDuration, ZeroNeedsNoUnit) { EXPECT_EQ(ParseGoDuration("0"), 0ns); }

TEST(GoDuration, WhatIsNone) {
  for (const char* text : {"", "1", "s", "1 s", "-1s", "+1s", "1e3s", "inf", "nans", "1.2.3s", "1d",
                           "1s1", "0x1s", "99999999h"}) {
    EXPECT_FALSE(ParseGoDuration(text)) << text;
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
