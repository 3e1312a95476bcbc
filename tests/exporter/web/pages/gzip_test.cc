#include "exporter/web/pages/gzip.h"

#include <gtest/gtest.h>

#include <random>

#include "gunzip.h"

namespace conntrack::exporter::web {
namespace {

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
