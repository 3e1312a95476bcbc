#include "exporter/web/config/rate_limit.h"

#include <gtest/gtest.h>

namespace conntrack::exporter::web {
namespace {

using namespace std::chrono_literals;

const RateLimit::Time kStart{1h};

TEST(RateLimit, BurstAndThenOneAnInterval) {
  RateLimit limit;
  const RateLimitConfig config{1s, 3};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.Allow(config, kStart));
  EXPECT_FALSE(limit.Allow(config, kStart));
  EXPECT_FALSE(limit.Allow(config, kStart + 999ms));
  EXPECT_TRUE(limit.Allow(config, kStart + 1001ms));
  EXPECT_FALSE(limit.Allow(config, kStart + 1002ms));
}

TEST(RateLimit, QuietTimeFillsTheBucketAndNoMore) {
  RateLimit limit;
  const RateLimitConfig config{1s, 2};
  EXPECT_TRUE(limit.Allow(config, kStart));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(limit.Allow(config, kStart + 1h));
  EXPECT_FALSE(limit.Allow(config, kStart + 1h));
}

TEST(RateLimit, RefusedRequestsCostNothing) {
  RateLimit limit;
  const RateLimitConfig config{1s, 1};
  EXPECT_TRUE(limit.Allow(config, kStart));
  for (int i = 1; i < 10; ++i) EXPECT_FALSE(limit.Allow(config, kStart + i * 100ms));
  EXPECT_TRUE(limit.Allow(config, kStart + 1001ms));
}

TEST(RateLimit, TimeThatRunsBackwardsBetweenThreads) {
  RateLimit limit;
  const RateLimitConfig config{1s, 1};
  EXPECT_TRUE(limit.Allow(config, kStart));
  EXPECT_FALSE(limit.Allow(config, kStart - 10s));
  EXPECT_FALSE(limit.Allow(config, kStart + 500ms));
}

TEST(RateLimit, OtherConfigurationBeginsAnew) {
  RateLimit limit;
  EXPECT_TRUE(limit.Allow({1h, 1}, kStart));
  EXPECT_FALSE(limit.Allow({1h, 1}, kStart));
  EXPECT_TRUE(limit.Allow({1h, 2}, kStart));
}

}  // namespace
}  // namespace conntrack::exporter::web
