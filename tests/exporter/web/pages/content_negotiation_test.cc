#include "exporter/web/pages/content_negotiation.h"

#include <gmock/gmock.h>

#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "gunzip.h"

namespace conntrack::exporter::web {

static void PrintTo(MetricsFormat format, std::ostream* out) { *out << ContentType(format); }

namespace {

void ExpectText(const std::vector<std::string>& headers) {
  for (const auto& header : headers)
    EXPECT_EQ(ChooseFormat(header), MetricsFormat::kText) << header;
}

void ExpectOpenMetrics(const std::vector<std::string>& headers) {
  for (const auto& header : headers) {
    EXPECT_EQ(ChooseFormat(header), MetricsFormat::kOpenMetrics) << header;
  }
}

void ExpectDraft(const std::vector<std::string>& headers) {
  for (const auto& header : headers) {
    EXPECT_EQ(ChooseFormat(header), MetricsFormat::kOpenMetrics001) << header;
  }
}

TEST(ChooseFormat, WhatEachPrometheusAsksFor) {
  ExpectOpenMetrics({
      // 3
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
      "application/openmetrics-text;version=0.0.1;q=0.5,"
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/"
      "*;q=0.2",
      // With scrape_protocols that say so
      "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;"
      "version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      // 2.42, which the live tests run
      "application/openmetrics-text;version=1.0.0,application/"
      "openmetrics-text;version=0.0.1;q=0.75,"
      "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      // With native histograms, which are in protobuf only
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
      "application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;"
      "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
  });
  ExpectDraft({
      // 2.30
      "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
  });
  ExpectText({
      // Before there was OpenMetrics
      "text/plain;version=0.0.4;q=1,*/*;q=0.1",
      // The same, with protobuf
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
      "q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
      // 3 told to scrape text only
      "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/"
      "*;q=0.2",
  });
}

TEST(ChooseFormat, TextForPeopleAndForWhoSaysNothing) {
  ExpectText({"", "*/*", "text/*", "text/plain", "text/plain;version=0.0.4", "TEXT/Plain",
              "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"});
}

TEST(ChooseFormat, OpenMetricsWhereItIsNamed) {
  ExpectOpenMetrics(
      {"application/openmetrics-text", "application/openmetrics-text;version=1.0.0",
       "Application/OpenMetrics-Text ; Version=1.0.0 ; charset=UTF-8",
       "application/openmetrics-text; version=\"1.0.0\"; charset=\"utf-8\"",
       "application/openmetrics-text, */*", "application/*",
       "application/openmetrics-text;version=0.0.1,application/openmetrics-text;version=1.0.0"});
  ExpectDraft({"application/openmetrics-text;version=0.0.1",
               "application/openmetrics-text;version=0.0.1, */*;q=0.9"});
}

TEST(ChooseFormat, GreaterWeightWins) {
  ExpectText({"application/openmetrics-text;q=0.4, text/plain;q=0.5",
              "text/plain, application/openmetrics-text;version=1.0.0;q=0.999"});
  ExpectOpenMetrics({"application/openmetrics-text;q=0.5, text/plain;q=0.4",
                     "*/*;q=0.1, application/openmetrics-text;q=0.11",
                     "text/plain;q=0.1, */*;q=0.5"});
}

TEST(ChooseFormat, BetweenEqualsTheMorePreciseThenText) {
  ExpectText({"application/openmetrics-text, text/plain",
              "text/plain, application/openmetrics-text",
              "text/plain;q=0.5,application/openmetrics-text;q=0.5", "text/*, application/*"});
  ExpectOpenMetrics({"text/plain, application/openmetrics-text;version=1.0.0",
                     "application/openmetrics-text, text/*"});
}

TEST(ChooseFormat, TheMostPreciseRangeDecides) {
  ExpectText(
      {"application/openmetrics-text;q=0, */*", "application/*;q=0, */*",
       "text/plain;q=0.5, application/openmetrics-text;q=0.1, application/*;q=1, */*;q=0.9"});
  ExpectDraft({"application/openmetrics-text, application/openmetrics-text;version=1.0.0;q=0"});
}

TEST(ChooseFormat, WeightOfZeroIsANo) {
  ExpectText({"application/openmetrics-text;q=0",
              "application/openmetrics-text;version=1.0.0;q=0.000", "text/plain;q=0, */*;q=0"});
  ExpectOpenMetrics({"text/plain;q=0, */*"});
}

TEST(ChooseFormat, TextWhereNothingWeHaveIsAcceptable) {
  ExpectText({"application/json", "image/*", "application/openmetrics-text;version=2.0.0",
              "application/vnd.google.protobuf", "text/plain;q=0", "*/plain",
              "application/openmetrics-text;charset=latin1"});
}

TEST(ChooseFormat, WhatCannotBeReadIsAsIfItWereNotThere) {
  for (const std::string weight : {"q=", "q=x", "q=nan", "q=-1", "q=2", "q", "q=1=1"}) {
    ExpectText({"application/openmetrics-text;" + weight});
    ExpectOpenMetrics({"text/plain;" + weight + ";q=0 , application/openmetrics-text"});
  }
  ExpectText({",", ";", "/", "\"", ";;;,,,///", "application", "application/", "/openmetrics-text",
              "openmetrics-text", "application/openmetrics-text/1.0.0",
              "application openmetrics-text", "*", std::string("\0\0", 2)});
}

TEST(ChooseFormat, ParametersOfOthersAreSkipped) {
  ExpectOpenMetrics({"application/openmetrics-text;escaping=underscores;version=1.0.0;q=0.5",
                     "application/openmetrics-text;q=0.5;version=1.0.0;extension=\"a,b;q=0\"",
                     "application/openmetrics-text;;;version=1.0.0;"});
}

TEST(ContentType, IsWhatPrometheusThreeKnows) {
  EXPECT_EQ(ContentType(MetricsFormat::kText), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(ContentType(MetricsFormat::kOpenMetrics),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_EQ(ContentType(MetricsFormat::kOpenMetrics001),
            "application/openmetrics-text; version=0.0.1; charset=utf-8");
}

TEST(AcceptsGzip, WhereItIsNamed) {
  for (const auto* header :
       {"gzip", "GZip", "x-gzip", "deflate, gzip", "gzip;q=1.0", "gzip ; q=0.001",
        "br;q=1, gzip;q=0.5", "gzip;Q=1", " gzip\t,", "zstd,gzip"}) {
    EXPECT_TRUE(AcceptsGzip(header)) << header;
  }
}

TEST(AcceptsGzip, NotWhereItIsAbsent) {
  for (const auto* header :
       {"", "identity", "deflate", "gzipped", "br, zstd", ",,;", ";q=1", "gzi p"}) {
    EXPECT_FALSE(AcceptsGzip(header)) << header;
  }
}

TEST(AcceptsGzip, ZeroWeightIsANo) {
  for (const auto* header : {"gzip;q=0", "gzip;q=0.0", "gzip; q=0.000, deflate", "*;q=0"}) {
    EXPECT_FALSE(AcceptsGzip(header)) << header;
  }
}

TEST(AcceptsGzip, StarStandsForItUnlessItIsNamed) {
  EXPECT_TRUE(AcceptsGzip("*"));
  EXPECT_TRUE(AcceptsGzip("*;q=0, gzip"));
  EXPECT_FALSE(AcceptsGzip("*, gzip;q=0"));
  EXPECT_FALSE(AcceptsGzip("gzip;q=0, *;q=1"));
}

TEST(AcceptsGzip, NotWhereTheClientWouldRatherHaveItPlain) {
  EXPECT_FALSE(AcceptsGzip("gzip;q=0.5, identity;q=0.8"));
  EXPECT_FALSE(AcceptsGzip("identity, *;q=0.1"));
  EXPECT_TRUE(AcceptsGzip("gzip;q=0.8, identity;q=0.5"));
  EXPECT_TRUE(AcceptsGzip("gzip, identity"));
}

TEST(AcceptsGzip, NonsenseForAWeightIsANo) {
  for (const auto* header : {"gzip;q=", "gzip;q=x", "gzip;q=nan", "gzip;q=inf", "gzip;q=-1",
                             "gzip;q=2", "gzip;q=1x", "gzip;level=1", "gzip;q", "gzip;q=1;q=1"}) {
    EXPECT_FALSE(AcceptsGzip(header)) << header;
  }
}

using testing::ElementsAre;

std::vector<std::string> Elements(std::string_view text) {
  std::vector<std::string> elements;
  while (!text.empty()) elements.emplace_back(TakeElement(text, ','));
  return elements;
}

TEST(TakeElement, CutsAtTheSeparatorAndTrims) {
  EXPECT_THAT(Elements("a, b\t,,c"), ElementsAre("a", "b", "", "c"));
  EXPECT_THAT(Elements("a,"), ElementsAre("a"));
  EXPECT_THAT(Elements(""), ElementsAre());
}

TEST(TakeElement, SeparatorInQuotesIsText) {
  EXPECT_THAT(Elements(R"(a="x,y",b)"), ElementsAre(R"(a="x,y")", "b"));
  EXPECT_THAT(Elements(R"("x\",y",b)"), ElementsAre(R"("x\",y")", "b"));
}

TEST(TakeElement, QuotesThatDoNotEndTakeTheRest) {
  EXPECT_THAT(Elements(R"(a,"b,c)"), ElementsAre("a", R"("b,c)"));
  EXPECT_THAT(Elements(R"("b,\)"), ElementsAre(R"("b,\)"));
}

TEST(ParseQuality, IsFromZeroToOne) {
  EXPECT_EQ(ParseQuality("0"), 0);
  EXPECT_EQ(ParseQuality("0.0"), 0);
  EXPECT_EQ(ParseQuality("0.25"), 0.25);
  EXPECT_EQ(ParseQuality("1.000"), 1);
  for (const auto* text :
       {"", "x", "-0.1", "-1", "1.001", "2", "nan", "inf", "0x1", "1e-1", "0.5x", " 0.5", "+0.5"}) {
    EXPECT_EQ(ParseQuality(text), std::nullopt) << text;
  }
}

TEST(Gzip, EmptyTextComesBackEmpty) { EXPECT_EQ(Gunzip(Gzip("")), ""); }

TEST(Gzip, TextComesBackWithItsNuls) {
  const std::string text("conntrack_entries 1\0\n", 21);
  EXPECT_EQ(Gunzip(Gzip(text)), text);
}

TEST(Gzip, MetricsShrink) {
  std::string text;
  for (int cpu = 0; cpu < 2000; ++cpu) {
    text += "conntrack_stat_insert_failed_total{cpu=\"" + std::to_string(cpu) + "\"} 0\n";
  }
  const std::string compressed = Gzip(text);
  EXPECT_LT(compressed.size(), text.size() / 5);
  EXPECT_EQ(Gunzip(compressed), text);
}

TEST(Gzip, WhatCannotShrinkComesBackWhole) {
  std::mt19937 random(1);
  std::string noise(3 << 20, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  EXPECT_EQ(Gunzip(Gzip(noise)), noise);
}

}  // namespace
}  // namespace conntrack::exporter::web
