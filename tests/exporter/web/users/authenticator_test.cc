#include "exporter/web/users/authenticator.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <condition_variable>
#include <thread>
#include <vector>

#include "known_passwords.h"

namespace conntrack::exporter::web {
namespace {

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

TEST(Authenticator, UnknownUserCostsTheSameWorkAsAWrongPassword) {
  const Users users = {{"alice", test::kSecret2b}, {"carol", test::kSecret2a}};  // costs 4 and 5
  CountingVerify verify;
  Authenticator authenticator(verify.Function());
  EXPECT_EQ(authenticator.Check(users, Basic("mallory", "secret"), "here"), Access::kDenied);
  ASSERT_EQ(verify.asked.size(), 1u);
  EXPECT_TRUE(IsBcryptHash(verify.asked[0]));
  EXPECT_EQ(BcryptCost(verify.asked[0]), 5);
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
  while (busy < 20 - Authenticator::kMostWaiting) std::this_thread::yield();
  verify.LetGo();
  flood.clear();
  EXPECT_EQ(denied, Authenticator::kMostWaiting);
  EXPECT_EQ(verify.most_at_once(), 1);
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
  while (busy < 20 - Authenticator::kMostWaiting / 2) std::this_thread::yield();
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
