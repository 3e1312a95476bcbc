// Which passwords were found right or wrong, so that a scrape every 15 seconds does not cost a
// bcrypt each.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>

namespace conntrack::exporter::web {

/// \brief  Verdicts on (user, stored hash, password), bounded.
///
/// Nothing that was asked is kept: only its keyed hash (HMAC-SHA-256, a key of this process), over
/// the three parts with their lengths before them, so that no two questions look alike. (Without
/// the lengths "a" + "bc" would be "ab" + "c"; the toolkit once could be passed by that way.) As
/// the stored hash is a part, a verdict ends with the password that it was about.
/// Right and wrong have room of their own: no flood of wrong passwords drives out a right one.
/// Where the room is used up, a random one has to go, so that nobody can tell which.
/// Threads: any number at once.
class PasswordCache {
 public:
  static constexpr std::size_t kMost = 100;  ///< Of each kind.
  using Key = std::array<unsigned char, 32>;

  PasswordCache();

  [[nodiscard]] Key KeyOf(std::string_view user, std::string_view hash,
                          std::string_view password) const;
  [[nodiscard]] std::optional<bool> Find(const Key& key) const;
  void Keep(const Key& key, bool right);

 private:
  using Keys = std::set<Key>;

  Key secret_;
  mutable std::mutex mutex_;  ///< Guards what follows.
  Keys right_;
  Keys wrong_;
};

}  // namespace conntrack::exporter::web
