#include "exporter/web/users/password_cache.h"

#include <gtest/gtest.h>

#include <string>

namespace conntrack::exporter::web {
namespace {

TEST(PasswordCache, RemembersRightAndWrong) {
  PasswordCache cache;
  const auto right = cache.KeyOf("alice", "hash", "secret");
  const auto wrong = cache.KeyOf("alice", "hash", "guess");
  EXPECT_EQ(cache.Find(right), std::nullopt);
  cache.Keep(right, true);
  cache.Keep(wrong, false);
  EXPECT_EQ(cache.Find(right), true);
  EXPECT_EQ(cache.Find(wrong), false);
}

// The way round the toolkit's first cache: parts joined without saying where one ends.
TEST(PasswordCache, PartsThatJoinToTheSameTextAreDifferentQuestions) {
  const PasswordCache cache;
  const auto key = cache.KeyOf("alice", "hash", "secret");
  EXPECT_NE(key, cache.KeyOf("alicehash", "", "secret"));
  EXPECT_NE(key, cache.KeyOf("alice", "hashsecret", ""));
  EXPECT_NE(key, cache.KeyOf("alic", "ehash", "secret"));
  EXPECT_NE(cache.KeyOf("a:b", "c", "d"), cache.KeyOf("a", "b:c", "d"));
}

TEST(PasswordCache, NewHashOfAUserIsANewQuestion) {
  PasswordCache cache;
  cache.Keep(cache.KeyOf("alice", "old", "secret"), true);
  EXPECT_EQ(cache.Find(cache.KeyOf("alice", "new", "secret")), std::nullopt);
}

TEST(PasswordCache, KeysOfAnotherProcessWouldBeOthers) {
  EXPECT_NE(PasswordCache().KeyOf("a", "b", "c"), PasswordCache().KeyOf("a", "b", "c"));
}

TEST(PasswordCache, FloodOfWrongOnesDoesNotDriveOutARightOne) {
  PasswordCache cache;
  const auto good = cache.KeyOf("alice", "hash", "secret");
  cache.Keep(good, true);
  for (int i = 0; i < 5'000; ++i) {
    cache.Keep(cache.KeyOf("alice", "hash", std::to_string(i)), false);
  }
  EXPECT_EQ(cache.Find(good), true);
}

TEST(PasswordCache, KeepsNoMoreThanItsRoom) {
  PasswordCache cache;
  for (int i = 0; i < 5'000; ++i) cache.Keep(cache.KeyOf("u", "h", std::to_string(i)), i % 2 == 0);
  std::size_t kept = 0;
  for (int i = 0; i < 5'000; ++i) {
    kept += cache.Find(cache.KeyOf("u", "h", std::to_string(i))).has_value() ? 1U : 0U;
  }
  EXPECT_EQ(kept, 2 * PasswordCache::kMost);
}

}  // namespace
}  // namespace conntrack::exporter::web
