#include "exporter/web/pages/accept.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

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

}  // namespace
}  // namespace conntrack::exporter::web
