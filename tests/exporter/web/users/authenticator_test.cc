#include "exporter/web/users/authenticator.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <condition_variable>
#include <string>
#include <thread>
#include <vector>

#include "known_passwords.h"

namespace conntrack::exporter::web {
namespace {

using namespace std::string_literals;

TEST(Bcrypt, PasswordOfAHashOfEachKind) {
  for (const char* hash : {test::kSecret2a, test::kSecret2b, test::kSecret2y}) {
    EXPECT_TRUE(IsBcryptHash(hash)) << hash;
    EXPECT_TRUE(VerifyBcrypt("secret", hash)) << hash;
    EXPECT_FALSE(VerifyBcrypt("Secret", hash)) << hash;
    EXPECT_FALSE(VerifyBcrypt("", hash)) << hash;
  }
}

TEST(Bcrypt, CostOfAHash) {
  EXPECT_EQ(BcryptCost(test::kSecret2b), 4);
  EXPECT_EQ(BcryptCost("$2y$10$"), 10);
}

TEST(Bcrypt, PasswordIsNotCutAtANul) {
  EXPECT_FALSE(VerifyBcrypt("secret\0"s, test::kSecret2b));
  EXPECT_FALSE(VerifyBcrypt("secret\0more"s, test::kSecret2b));
}

TEST(Bcrypt, PasswordThatIsTooLongIsWrong) {
  EXPECT_FALSE(VerifyBcrypt(std::string(100'000, 'a'), test::kSecret2b));
}

TEST(Bcrypt, TextThatIsNoHashVerifiesNothing) {
  EXPECT_FALSE(VerifyBcrypt("secret", "secret"));
  EXPECT_FALSE(VerifyBcrypt("", ""));
  EXPECT_FALSE(VerifyBcrypt("*0", "*0"));  // what crypt(3) says where it fails
}

TEST(BasicCredentials, UserAndPassword) {
  EXPECT_EQ(ParseBasicCredentials("Basic YWxpY2U6c2VjcmV0"), (Credentials{"alice", "secret"}));
  EXPECT_EQ(ParseBasicCredentials("bAsIc YWxpY2U6c2VjcmV0"), (Credentials{"alice", "secret"}));
}

TEST(BasicCredentials, PasswordMayHoldColonsAndAnyByte) {
  EXPECT_EQ(ParseBasicCredentials("Basic YTpiOmM="), (Credentials{"a", "b:c"}));
  EXPECT_EQ(ParseBasicCredentials("Basic YToA/w=="), (Credentials{"a", "\0\xff"s}));
}

TEST(BasicCredentials, EitherMayBeEmpty) {
  EXPECT_EQ(ParseBasicCredentials("Basic Og=="), (Credentials{"", ""}));
}

TEST(BasicCredentials, WhatIsNone) {
  for (const char* header : {"", "Basic", "Basic ", "Bearer YWxpY2U6c2VjcmV0",
                             "BasicYWxpY2U6c2VjcmV0", "Basic YWxpY2U6c2VjcmV", "Basic YWxp=Y2U6",
                             "Basic YTpi===", "Basic ====", "Basic YWxpY2U6 c2VjcmV0",
                             "Basic YWxpY2U_c2VjcmV0", "Basic YWxpY2U="}) {
    EXPECT_FALSE(ParseBasicCredentials(header)) << header;
  }
}

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
  EXPECT_EQ(kept, 2 * PasswordCache::kMaxEntries);
}

std::string Basic(const std::string& user, const std::string& password) {
  const std::string plain = user + ":" + password;
  std::string encoded(4 * ((plain.size() + 2) / 3) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(plain.data()),
                                     static_cast<int>(plain.size()));
  return "Basic " + encoded.substr(0, static_cast<std::size_t>(length));
}

// Remembers the hashes that it was asked about.
class CountingVerify {
 public:
  Authenticator::Verify Function() {
    return [this](const std::string& password, const std::string& hash) {
      asked.push_back(hash);
      return VerifyBcrypt(password, hash);
    };
  }
  std::vector<std::string> asked;
};

const Users kUsers = {{"alice", test::kSecret2b}, {"bob", test::kOuvrez}};

TEST(Authenticator, RightPasswordIsGranted) {
  Authenticator authenticator;
  EXPECT_EQ(authenticator.Check(kUsers, Basic("alice", "secret"), "here"), Access::kGranted);
  EXPECT_EQ(authenticator.Check(kUsers, Basic("bob", "ouvrez"), "here"), Access::kGranted);
}

TEST(Authenticator, EverythingElseIsDenied) {
  Authenticator authenticator;
  EXPECT_EQ(authenticator.Check(kUsers, std::nullopt, "here"), Access::kDenied);
  EXPECT_EQ(authenticator.Check(kUsers, "Basic nonsense", "here"), Access::kDenied);
  EXPECT_EQ(authenticator.Check(kUsers, Basic("alice", "ouvrez"), "here"), Access::kDenied);
  EXPECT_EQ(authenticator.Check(kUsers, Basic("Alice", "secret"), "here"), Access::kDenied);
  EXPECT_EQ(authenticator.Check(kUsers, Basic("", ""), "here"), Access::kDenied);
}

TEST(Authenticator, PasswordIsHashedOnceForManyRequests) {
  CountingVerify verify;
  Authenticator authenticator(verify.Function());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(authenticator.Check(kUsers, Basic("alice", "secret"), "here"), Access::kGranted);
    EXPECT_EQ(authenticator.Check(kUsers, Basic("alice", "wrong"), "here"), Access::kDenied);
  }
  EXPECT_EQ(verify.asked.size(), 2u);
}

TEST(Authenticator, UnknownUserCostsWhatTheCheapestDoesAndTenAtMost) {
  const std::string dear = std::string("$2b$14") + (test::kSecret2b + 6);
  const Users cheap = {{"alice", test::kSecret2a}, {"carol", test::kSecret2b}, {"dave", dear}};
  for (const auto& [users, cost] : std::vector<std::pair<Users, int>>{
           {cheap, 4}, {{{"alice", test::kSecret2a}}, 5}, {{{"dave", dear}}, 10}}) {
    std::vector<std::string> asked;
    Authenticator authenticator([&](const std::string&, const std::string& hash) {
      asked.push_back(hash);
      return false;
    });
    EXPECT_EQ(authenticator.Check(users, Basic("mallory", "secret"), "here"), Access::kDenied);
    ASSERT_EQ(asked.size(), 1u);
    EXPECT_TRUE(IsBcryptHash(asked[0])) << asked[0];
    EXPECT_EQ(BcryptCost(asked[0]), cost);
  }
}

TEST(Authenticator, NobodyGetsInAsAnUnknownUserWhateverTheHashSays) {
  Authenticator authenticator([](const std::string&, const std::string&) { return true; });
  for (int i = 0; i < 2; ++i) {  // the second time from the cache
    EXPECT_EQ(authenticator.Check(kUsers, Basic("mallory", "x"), "here"), Access::kDenied);
  }
}

TEST(Authenticator, ChangedPasswordCountsAtOnce) {
  Authenticator authenticator;
  EXPECT_EQ(authenticator.Check(kUsers, Basic("alice", "secret"), "here"), Access::kGranted);
  const Users changed = {{"alice", test::kOuvrez}};
  EXPECT_EQ(authenticator.Check(changed, Basic("alice", "secret"), "here"), Access::kDenied);
  EXPECT_EQ(authenticator.Check({{"bob", test::kOuvrez}}, Basic("alice", "secret"), "here"),
            Access::kDenied);
}

// A verify that does not come back until it is let go.
class SlowVerify {
 public:
  Authenticator::Verify Function() {
    return [this](const std::string&, const std::string& hash) {
      if (hash == test::kOuvrez) return true;  // bob is checked before the flood
      std::unique_lock lock(mutex_);
      most_at_once_ = std::max(most_at_once_, ++running_);
      changed_.notify_all();
      changed_.wait(lock, [this] { return let_go_; });
      --running_;
      return false;
    };
  }
  void WaitUntilRunning() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return running_ > 0; });
  }
  void LetGo() {
    const std::scoped_lock lock(mutex_);
    let_go_ = true;
    changed_.notify_all();
  }
  int most_at_once() const { return most_at_once_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool let_go_ = false;
  int running_ = 0;
  int most_at_once_ = 0;
};

TEST(Authenticator, FloodOfWrongPasswordsFromEverywhereHoldsUpNobodyWhoIsKnown) {
  SlowVerify verify;
  Authenticator authenticator(verify.Function());
  EXPECT_EQ(authenticator.Check(kUsers, Basic("bob", "ouvrez"), "here"), Access::kGranted);

  std::atomic<int> busy = 0, denied = 0;
  std::vector<std::jthread> flood;
  for (int i = 0; i < 20; ++i) {
    flood.emplace_back([&, i] {
      const std::string text = std::to_string(i);
      const auto access = authenticator.Check(kUsers, Basic("alice", text), text);
      ++(access == Access::kBusy ? busy : denied);
    });
  }
  verify.WaitUntilRunning();
  EXPECT_EQ(authenticator.Check(kUsers, Basic("bob", "ouvrez"), "here"), Access::kGranted);
  // All but those that may wait have been sent away, while the first is still being checked.
  while (busy < 20 - Authenticator::kMaxPending) std::this_thread::yield();
  verify.LetGo();
  flood.clear();
  EXPECT_EQ(denied, Authenticator::kMaxPending);
  EXPECT_EQ(verify.most_at_once(), 1);
}

// Otherwise a steady stream of wrong passwords could keep one waiting for ever.
TEST(FairMutex, GoesToThoseWhoWaitInTheOrderInWhichTheyCame) {
  FairMutex mutex;
  std::vector<std::uint64_t> served;
  std::vector<std::jthread> waiting;
  mutex.lock();
  for (std::uint64_t i = 1; i <= 8; ++i) {
    waiting.emplace_back([&, i] {
      const std::scoped_lock lock(mutex);
      served.push_back(i);
    });
    while (mutex.queue() <= i) std::this_thread::yield();
  }
  mutex.unlock();
  waiting.clear();
  EXPECT_EQ(served, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(mutex.queue(), 0u);
}

TEST(Authenticator, FloodFromOneSourceLeavesRoomForOthers) {
  SlowVerify verify;
  Authenticator authenticator(verify.Function());
  std::atomic<int> busy = 0;
  std::vector<std::jthread> flood;
  for (int i = 0; i < 20; ++i) {
    flood.emplace_back([&, i] {
      const auto access =
          authenticator.Check(kUsers, Basic("alice", std::to_string(i)), "attacker");
      if (access == Access::kBusy) ++busy;
    });
  }
  while (busy < 20 - Authenticator::kMaxPending / 2) std::this_thread::yield();
  std::atomic<bool> granted = false;
  std::jthread right([&] {
    granted = authenticator.Check(kUsers, Basic("bob", "ouvrez"), "prometheus") == Access::kGranted;
  });
  verify.LetGo();
  right.join();
  EXPECT_TRUE(granted);
}

}  // namespace
}  // namespace conntrack::exporter::web
