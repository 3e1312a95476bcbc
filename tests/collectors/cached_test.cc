#include "collectors/cached.h"

#include <gtest/gtest.h>

namespace conntrack {
namespace {

using std::chrono::milliseconds;

class CachedTest : public testing::Test {
 protected:
  int Get() {
    return cached_.Get([this] { return ++reads_; });
  }

  std::chrono::steady_clock::time_point now_{std::chrono::seconds(100)};
  int reads_ = 0;
  Cached<int> cached_{[this] { return now_; }};
};

TEST_F(CachedTest, SharesWhatIsYoungerThanASecond) {
  EXPECT_EQ(Get(), 1);
  now_ += milliseconds(999);
  EXPECT_EQ(Get(), 1);
  EXPECT_EQ(reads_, 1);
}

TEST_F(CachedTest, ReadsAgainAfterASecond) {
  EXPECT_EQ(Get(), 1);
  now_ += milliseconds(1000);
  EXPECT_EQ(Get(), 2);
}

TEST_F(CachedTest, AnotherAgeMayBeAllowed) {
  Cached<int> patient([this] { return now_; }, std::chrono::seconds(60));
  const auto get = [&] { return patient.Get([this] { return ++reads_; }); };
  EXPECT_EQ(get(), 1);
  now_ += milliseconds(59'999);
  EXPECT_EQ(get(), 1);
  now_ += milliseconds(1);
  EXPECT_EQ(get(), 2);
}

}  // namespace
}  // namespace conntrack
