// What has the most flows, and all the rest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "collectors/flows/frequent_items.h"

namespace conntrack {

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
