#include "exporter/web/pages/accept_encoding.h"

#include <gtest/gtest.h>

namespace conntrack::exporter::web {
namespace {

TEST(WantsGzip, WhereItIsNamed) {
  for (const auto* header :
       {"gzip", "GZip", "x-gzip", "deflate, gzip", "gzip;q=1.0", "gzip ; q=0.001",
        "br;q=1, gzip;q=0.5", "gzip;Q=1", " gzip\t,", "zstd,gzip"}) {
    EXPECT_TRUE(WantsGzip(header)) << header;
  }
}

TEST(WantsGzip, NotWhereItIsAbsent) {
  for (const auto* header :
       {"", "identity", "deflate", "gzipped", "br, zstd", ",,;", ";q=1", "gzi p"}) {
    EXPECT_FALSE(WantsGzip(header)) << header;
  }
}

TEST(WantsGzip, ZeroWeightIsANo) {
  for (const auto* header : {"gzip;q=0", "gzip;q=0.0", "gzip; q=0.000, deflate", "*;q=0"}) {
    EXPECT_FALSE(WantsGzip(header)) << header;
  }
}

TEST(WantsGzip, StarStandsForItUnlessItIsNamed) {
  EXPECT_TRUE(WantsGzip("*"));
  EXPECT_TRUE(WantsGzip("*;q=0, gzip"));
  EXPECT_FALSE(WantsGzip("*, gzip;q=0"));
  EXPECT_FALSE(WantsGzip("gzip;q=0, *;q=1"));
}

TEST(WantsGzip, NotWhereTheClientWouldRatherHaveItPlain) {
  EXPECT_FALSE(WantsGzip("gzip;q=0.5, identity;q=0.8"));
  EXPECT_FALSE(WantsGzip("identity, *;q=0.1"));
  EXPECT_TRUE(WantsGzip("gzip;q=0.8, identity;q=0.5"));
  EXPECT_TRUE(WantsGzip("gzip, identity"));
}

TEST(WantsGzip, NonsenseForAWeightIsANo) {
  for (const auto* header : {"gzip;q=", "gzip;q=x", "gzip;q=nan", "gzip;q=inf", "gzip;q=-1",
                             "gzip;q=2", "gzip;q=1x", "gzip;level=1", "gzip;q", "gzip;q=1;q=1"}) {
    EXPECT_FALSE(WantsGzip(header)) << header;
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
