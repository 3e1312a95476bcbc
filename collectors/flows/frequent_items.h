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

// The library as inline functions: if the length is known, the hash of a small key is a few
// instructions, and no library is linked.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace conntrack {

/// \brief  XXH3 with a secret that is drawn once per process. Remote senders choose the keys.
///         Without the secret they cannot choose keys that collide. A seed is not enough: keys that
///         collide with every seed can be computed.
/// Errors:  the first construction throws std::system_error if the kernel has no random bytes.
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
  using Secret = std::array<std::byte, 192>;  // the size of the library's own secret

  static const Secret& OfThisProcess() {
    static const Secret kSecret = [] {
      Secret secret;
      // Up to 256 bytes are returned completely or not at all.
      if (::getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size())) {
        throw std::system_error(errno, std::generic_category(), "getrandom");
      }
      return secret;
    }();
    return kSecret;
  }

  const Secret* secret_ = &OfThisProcess();
};

/// \brief  Counts how often each key occurs: exactly if all distinct keys fit, otherwise within a
///         known bound. This is the algorithm of frequent-items sketches (Misra and Gries; Anderson
///         et al., "A High-Performance Algorithm for Identifying Frequent Items in Data Streams",
///         2017). If there is no room for a new key, the median of the counts is subtracted from
///         all counts, and keys with no count left are dropped. So the true count of any key is in
///         [count, count + max_error()], and max_error() <= 2 * total() / capacity, for any keys in
///         any order.
/// Threads and cost: one thread; all memory is allocated at construction: per key of the capacity,
///          its size and some 16 bytes.
template <class Key>
class FrequentItems {
 public:
  struct Item {
    Key key;
    std::uint32_t count;
  };

  /// `capacity` is the number of distinct keys that are counted exactly; 1 to 65535.
  explicit FrequentItems(std::size_t capacity)
      : capacity_(capacity), slots_(std::bit_ceil(capacity * 2), kFree) {
    items_.reserve(capacity);
    counts_.reserve(capacity);
  }

  /// Removes all keys. Keeps the memory.
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

  /// Returns how many keys were added.
  [[nodiscard]] std::uint64_t total() const { return total_; }

  /// Returns the largest possible error: no count is too low by more. 0 if all are exact.
  [[nodiscard]] std::uint64_t max_error() const { return max_error_; }

  /// Returns the counted keys, in no particular order.
  [[nodiscard]] std::span<const Item> items() const { return items_; }

  /// Returns the `most` items with the highest counts, in descending order; equal counts by key.
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

  /// Compares all bytes at once. Equal keys have equal bytes: KeyedHash accepts no other types.
  [[nodiscard]] static bool Same(const Key& a, const Key& b) {
    return std::memcmp(&a, &b, sizeof(Key)) == 0;
  }

  /// Returns the slot of the key, or the free slot where it belongs. Slots are at most half full,
  /// so there is one.
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
  std::vector<std::uint32_t> counts_;  // scratch memory for the median
  std::uint64_t total_ = 0;
  std::uint64_t max_error_ = 0;
  const KeyedHash hash_;
};

/// Maximum length of a list that a flag may set: each name is a series or more.
inline constexpr std::size_t kMostNamed = 1000;

/// \brief  The names with the most flows. `flows` of all entries and `other` always add up to the
///         number of counted flows.
template <class Name>
struct TopList {
  struct Entry {
    Name name;
    std::uint64_t flows = 0;

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  std::vector<Entry> top;       ///< The most flows first.
  std::uint64_t other = 0;      ///< Flows of all other names.
  std::uint64_t max_error = 0;  ///< An entry may have up to this many flows more; 0: exact.
};

/// Makes the top list of `items`; `name_of` converts a key to a name.
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
