// A hash that nobody outside this process can foresee.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

// The library as inline functions: with the length known, a hash of a small key is a few
// instructions, and nothing is linked.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace conntrack {

/// \brief  XXH3 with a secret that is drawn once a process.
///
/// What is hashed here is chosen by whoever sends packets. Without knowing the secret nobody can
/// pick addresses that collide and so make a walk of the table slow. A seed would not do: it is
/// mixed into a secret that everybody knows, and keys that collide under every seed can be
/// computed.
/// Errors:  throws std::system_error where the kernel has no random bytes, when the first is made.
/// Threads and cost: any thread; some nanoseconds for keys of up to 64 bytes.
class KeyedHash {
 public:
  KeyedHash();

  template <class Key>
  [[nodiscard]] std::uint64_t operator()(const Key& key) const {
    static_assert(
        std::is_trivially_copyable_v<Key> && std::has_unique_object_representations_v<Key>,
        "a key is hashed by its bytes, so equal keys must have equal bytes");
    return XXH3_64bits_withSecret(&key, sizeof(key), secret_->data(), secret_->size());
  }

 private:
  using Secret = std::array<std::byte, 192>;  // the size of the library's own

  [[nodiscard]] static const Secret& OfThisProcess();

  const Secret* secret_;
};

}  // namespace conntrack
