#include "collectors/flows/frequent_items.h"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <random>

namespace conntrack {
namespace {

using Key = std::uint64_t;
using Stream = std::vector<Key>;
using Exact = std::map<Key, std::uint64_t>;
using testing::ElementsAre;
using testing::FieldsAre;

constexpr std::size_t kCapacity = 300;
constexpr std::size_t kLength = 40'000;

Exact CountExactly(const Stream& stream) {
  Exact exact;
  for (const auto key : stream) ++exact[key];
  return exact;
}

/// Everything that the header promises, for every key of the stream.
void ExpectPromisesKept(const FrequentItems<Key>& items, const Exact& exact) {
  std::uint64_t total = 0;
  for (const auto& [key, count] : exact) total += count;
  EXPECT_EQ(items.total(), total);
  EXPECT_LE(items.items().size(), kCapacity);
  EXPECT_LE(items.max_error(), 2 * total / kCapacity);
  if (exact.size() <= kCapacity) {
    EXPECT_EQ(items.max_error(), 0U);
  }
  std::map<Key, std::uint64_t> counted;
  for (const auto& item : items.items()) {
    EXPECT_GT(item.count, 0U);
    EXPECT_TRUE(exact.contains(item.key));
    EXPECT_TRUE(counted.emplace(item.key, item.count).second) << item.key << " stands twice";
  }
  for (const auto& [key, count] : exact) {
    const auto found = counted.find(key);
    const auto shown = found == counted.end() ? 0 : found->second;
    EXPECT_LE(shown, count) << key;
    EXPECT_LE(count, shown + items.max_error()) << key;
  }
}

FrequentItems<Key> Counted(const Stream& stream) {
  FrequentItems<Key> items(kCapacity);
  for (const auto key : stream) items.Add(key);
  return items;
}

Stream Uniform(std::size_t distinct) {
  std::mt19937_64 random(1);
  std::uniform_int_distribution<Key> key(1, distinct);
  Stream stream(kLength);
  for (auto& of : stream) of = key(random);
  return stream;
}

/// The key k occurs with a frequency of 1 / k.
Stream Zipf(std::size_t distinct) {
  std::vector<double> weights(distinct);
  for (std::size_t i = 0; i < distinct; ++i) weights[i] = 1.0 / static_cast<double>(i + 1);
  std::mt19937_64 random(2);
  std::discrete_distribution<Key> key(weights.begin(), weights.end());
  Stream stream(kLength);
  for (auto& of : stream) of = key(random);
  return stream;
}

Stream AllDistinct(std::size_t length) {
  Stream stream(length);
  for (std::size_t i = 0; i < length; ++i) stream[i] = i;
  return stream;
}

/// What hurts most: just enough new keys to drop all that were counted, again and again, and one
/// key that comes rarely enough to be among them.
Stream Flushing() {
  Stream stream;
  for (Key round = 0; stream.size() < kLength; ++round) {
    stream.push_back(7);
    for (Key n = 0; n < kCapacity; ++n) stream.push_back(1000 + round * kCapacity + n);
  }
  return stream;
}

class FrequentItemsOf : public testing::TestWithParam<Stream> {};

TEST_P(FrequentItemsOf, KeepsItsPromisesInAnyOrder) {
  auto stream = GetParam();
  const auto exact = CountExactly(stream);
  ExpectPromisesKept(Counted(stream), exact);
  std::sort(stream.begin(), stream.end());
  ExpectPromisesKept(Counted(stream), exact);
  std::stable_sort(stream.begin(), stream.end(),
                   [&](Key a, Key b) { return exact.at(a) < exact.at(b); });
  ExpectPromisesKept(Counted(stream), exact);
  std::reverse(stream.begin(), stream.end());
  ExpectPromisesKept(Counted(stream), exact);
}

INSTANTIATE_TEST_SUITE_P(Streams, FrequentItemsOf,
                         testing::Values(Stream{}, Stream{3}, Uniform(10), Uniform(kCapacity),
                                         Uniform(kCapacity + 1), Uniform(10'000), Zipf(20'000),
                                         AllDistinct(kCapacity), AllDistinct(kCapacity + 1),
                                         AllDistinct(kLength), Flushing()));

TEST(FrequentItems, IsExactUpToTheLastKeyThatFits) {
  auto items = Counted(AllDistinct(kCapacity));
  EXPECT_EQ(items.items().size(), kCapacity);
  items.Add(3);
  EXPECT_EQ(items.max_error(), 0U);
  EXPECT_THAT(items.Top(1), ElementsAre(FieldsAre(3, 2)));
}

TEST(FrequentItems, OneKeyMoreTakesTheMedianOffAllAndDropsWhatComesToNothing) {
  FrequentItems<Key> items(4);
  for (const auto key : Stream{1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4}) items.Add(key);
  items.Add(5);  // counts were 5, 3, 2, 1: the upper median is 3
  EXPECT_EQ(items.max_error(), 3U);
  EXPECT_EQ(items.total(), 12U);
  EXPECT_THAT(items.Top(9), ElementsAre(FieldsAre(1, 2), FieldsAre(5, 1)));
}

TEST(FrequentItems, TheHeaviestKeysOfASkewedStreamAreFoundInTheirOrder) {
  const auto stream = Zipf(20'000);
  const auto exact = CountExactly(stream);
  const auto items = Counted(stream);
  Key expected = 0;
  for (const auto& item : items.Top(10)) {
    EXPECT_EQ(item.key, expected++);
    EXPECT_GE(item.count + items.max_error(), exact.at(item.key));
  }
}

TEST(FrequentItems, TopIsSortedByCountAndThenByKey) {
  FrequentItems<Key> items(10);
  for (const auto key : Stream{5, 1, 9, 9, 5, 2}) items.Add(key);
  EXPECT_THAT(items.Top(3), ElementsAre(FieldsAre(5, 2), FieldsAre(9, 2), FieldsAre(1, 1)));
  EXPECT_EQ(items.Top(0).size(), 0U);
  EXPECT_EQ(items.Top(100).size(), 4U);
}

TEST(FrequentItems, ClearForgetsEverything) {
  auto items = Counted(AllDistinct(kLength));
  items.Clear();
  EXPECT_EQ(items.total(), 0U);
  EXPECT_EQ(items.max_error(), 0U);
  EXPECT_TRUE(items.Top(10).empty());
  const auto stream = Zipf(500);
  for (const auto key : stream) items.Add(key);
  ExpectPromisesKept(items, CountExactly(stream));
}

TEST(FrequentItems, CapacityOfOneIsEnough) {
  FrequentItems<Key> items(1);
  for (const auto key : Stream{1, 2, 2, 2, 1, 3}) items.Add(key);
  EXPECT_EQ(items.total(), 6U);
  EXPECT_LE(items.items().size(), 1U);
}

}  // namespace
}  // namespace conntrack
