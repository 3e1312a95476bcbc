// The most frequent keys of a stream, in bounded memory.
#pragma once

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <system_error>
#include <type_traits>
#include <vector>

// The library as inline functions: with the length known, a hash of a small key is a few
// instructions, and nothing is linked.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace conntrack {

/// \brief  XXH3 with a secret that is drawn once a process. Remote senders choose the keys: without
/// the secret they cannot pick ones that collide. A seed would not do: keys that collide under
/// every seed can be computed.
/// Errors:  throws std::system_error where the kernel has no random bytes, when the first is made.
/// Threads and cost: any thread; some nanoseconds for keys of up to 64 bytes.
class KeyedHash {
 public:
  template <class Key>
  [[nodiscard]] std::uint64_t operator()(const Key& key) const {
    static_assert(
        std::is_trivially_copyable_v<Key> && std::has_unique_object_representations_v<Key>,
        "a key is hashed by its bytes, so equal keys must have equal bytes");
    return XXH3_64bits_withSecret(&key, sizeof(key), secret_->data(), secret_->size());
  }

 private:
  using Secret = std::array<std::byte, 192>;  // the size of the library's own

  static const Secret& OfThisProcess() {
    static const Secret kSecret = [] {
      Secret secret;
      // Up to 256 bytes come whole or not at all.
      if (::getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size())) {
        throw std::system_error(errno, std::generic_category(), "getrandom");
      }
      return secret;
    }();
    return kSecret;
  }

  const Secret* secret_ = &OfThisProcess();
};

/// \brief  Counts how often each key occurs, exactly while all distinct keys fit, and within a
/// stated bound where they do not. The algorithm of frequent-items sketches (Misra and Gries;
/// Anderson et al., "A High-Performance Algorithm for Identifying Frequent Items in Data Streams",
/// 2017): where a new key finds no room, the median of the counts is taken off all of them, and
/// those that come to nothing are dropped. So the true count of any key is in [count, count +
/// max_error()], and max_error() <= 2 * total() / capacity, whatever the keys and their order.
/// Units:   whatever is added, one by one.
/// Threads and cost: one thread; all memory is taken at construction: for each key of the capacity
///          its size and some 16 bytes.
template <class Key>
class FrequentItems {
 public:
  struct Item {
    Key key;
    std::uint32_t count;
  };

  /// `capacity`: distinct keys that are counted exactly; 1 to 65535.
  explicit FrequentItems(std::size_t capacity)
      : capacity_(capacity), slots_(std::bit_ceil(capacity * 2), kFree) {
    items_.reserve(capacity);
    counts_.reserve(capacity);
  }

  /// Forgets everything, and keeps the memory.
  void Clear() {
    items_.clear();
    std::fill(slots_.begin(), slots_.end(), kFree);
    total_ = 0;
    max_error_ = 0;
  }

  void Add(const Key& key) {
    ++total_;
    auto* slot = &SlotOf(key);
    if (*slot != kFree) {
      ++items_[*slot].count;
      return;
    }
    if (items_.size() == capacity_) {
      TakeOffTheMedian();
      slot = &SlotOf(key);
    }
    *slot = static_cast<Index>(items_.size());
    items_.push_back({key, 1});
  }

  /// How many were added.
  [[nodiscard]] std::uint64_t total() const { return total_; }

  /// The most that any count is too low by; 0 where all are exact.
  [[nodiscard]] std::uint64_t max_error() const { return max_error_; }

  /// The keys that are counted, in no order of use to anybody.
  [[nodiscard]] std::span<const Item> items() const { return items_; }

  /// The `most` items with the highest counts, the highest first; equal ones by their keys.
  [[nodiscard]] std::vector<Item> Top(std::size_t most) const {
    std::vector<Item> top(std::min(most, items_.size()));
    std::partial_sort_copy(items_.begin(), items_.end(), top.begin(), top.end(),
                           [](const Item& a, const Item& b) {
                             return a.count != b.count ? a.count > b.count : a.key < b.key;
                           });
    return top;
  }

 private:
  using Index = std::uint16_t;
  static constexpr Index kFree = 0xffff;

  /// Equal keys have equal bytes, or KeyedHash would not take them; this is one comparison.
  [[nodiscard]] static bool Same(const Key& a, const Key& b) {
    return std::memcmp(&a, &b, sizeof(Key)) == 0;
  }

  /// Where the key stands in items_, or the free slot where that would be noted. Slots are at most
  /// half full, so there is one.
  [[nodiscard]] Index& SlotOf(const Key& key) {
    const auto mask = slots_.size() - 1;
    auto at = static_cast<std::size_t>(hash_(key)) & mask;
    while (slots_[at] != kFree && !Same(items_[slots_[at]].key, key)) at = (at + 1) & mask;
    return slots_[at];
  }

  void TakeOffTheMedian() {
    counts_.clear();
    for (const auto& item : items_) counts_.push_back(item.count);
    const auto middle = counts_.begin() + static_cast<std::ptrdiff_t>(counts_.size() / 2);
    std::nth_element(counts_.begin(), middle, counts_.end());
    const auto median = *middle;
    max_error_ += median;
    std::erase_if(items_, [median](const Item& item) { return item.count <= median; });
    std::fill(slots_.begin(), slots_.end(), kFree);
    for (std::size_t i = 0; i < items_.size(); ++i) {
      items_[i].count -= median;
      SlotOf(items_[i].key) = static_cast<Index>(i);
    }
  }

  const std::size_t capacity_;
  std::vector<Item> items_;
  std::vector<Index> slots_;           // by hash: indices into items_
  std::vector<std::uint32_t> counts_;  // room to look for the median in
  std::uint64_t total_ = 0;
  std::uint64_t max_error_ = 0;
  const KeyedHash hash_;
};

/// The longest list that a flag may ask for: each name is a series or more.
inline constexpr std::size_t kMostNamed = 1000;

/// \brief  The names with the most flows. `flows` of all entries and `other` add up to all flows
/// that were counted, always.
template <class Name>
struct TopList {
  struct Entry {
    Name name;
    std::uint64_t flows = 0;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  std::vector<Entry> top;       ///< The most flows first.
  std::uint64_t other = 0;      ///< Flows of everybody else.
  std::uint64_t max_error = 0;  ///< An entry has at most this many flows more; 0: all are exact.
};

/// The top list of `items`; `name_of` makes a name of a key.
template <class Name, class Key, class NameOf>
[[nodiscard]] TopList<Name> MakeTopList(const FrequentItems<Key>& items, std::size_t most,
                                        NameOf&& name_of) {
  TopList<Name> list{{}, items.total(), items.max_error()};
  for (const auto& item : items.Top(most)) {
    list.top.push_back({name_of(item.key), item.count});
    list.other -= item.count;
  }
  return list;
}

}  // namespace conntrack
