// HTTP Basic authentication: credentials against the configured users.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "exporter/web/config/web_config.h"
#include "exporter/web/server/request_limit.h"

namespace conntrack::exporter::web {

/// \brief  Whether the text is a bcrypt hash: $2a$, $2b$ or $2y$, a cost of 04 to 18, salt, digest.
///
/// Above 18 a single comparison takes many seconds, which is a typing error or an attack on
/// oneself.
[[nodiscard]] bool IsBcryptHash(std::string_view text);

/// The cost in a hash for which IsBcryptHash() is true: 10 in "$2y$10$...".
[[nodiscard]] int BcryptCost(std::string_view hash);

/// \brief  Whether the password has that hash.
///
/// False too for a password that bcrypt cannot tell from a shorter one (it holds a NUL) or that
/// libxcrypt does not take (beyond 511 bytes).
/// Threads and cost: any thread; 2^cost rounds, about 50 ms at cost 10; 32 KiB meanwhile.
[[nodiscard]] bool VerifyBcrypt(const std::string& password, const std::string& hash);

struct Credentials {
  std::string user;
  std::string password;  ///< May hold any byte.

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// \brief  Reads "Basic dXNlcjpwYXNz". The scheme in any case of letters, the rest strict: correct
/// base64 with its padding, and a colon within; what is behind the first is the password.
[[nodiscard]] std::optional<Credentials> ParseBasicCredentials(std::string_view authorization);

/// \brief  Verdicts on (user, stored hash, password), bounded.
///
/// It keeps only a keyed hash (HMAC-SHA-256, a key of this process) over the three parts with their
/// lengths before them. (Without the lengths "a" + "bc" would be "ab" + "c"; the toolkit once could
/// be passed by that way.) As the stored hash is a part, a verdict ends with its password.
/// Right and wrong have room of their own: no flood of wrong passwords drives out a right one. A
/// full cache drops a random entry, so that a client cannot predict which.
/// Threads: any number at once.
class PasswordCache {
 public:
  static constexpr std::size_t kMaxEntries = 100;  ///< Of each kind.
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

enum class Access {
  kGranted,
  kDenied,
  kBusy,  ///< Not found out: too many passwords are being checked already.
};

/// \brief  Checks an Authorization header.
///
/// Nothing tells a client whether it was the name or the password that is wrong: names are compared
/// in constant time, all of them, and an unknown one costs a bcrypt too, of the dearest cost there
/// is among the users.
/// Passwords are checked one at a time, so that a flood of wrong ones takes one CPU at most, and
/// kMaxPending may wait for it, so that it cannot take all threads of the server either; half of
/// them only where no other of the same client waits, so that no client keeps out the others.
/// A verdict that is in the cache is not waited for.
/// Threads: any number at once.
class Authenticator {
 public:
  static constexpr int kMaxPending = 8;  ///< The one that is being checked included.
  /// Whether a password has a hash; tests count its calls.
  using Verify = std::function<bool(const std::string& password, const std::string& hash)>;

  explicit Authenticator(Verify verify = VerifyBcrypt);

  /// `client_key` is that of the request; see request_limit.h.
  [[nodiscard]] Access Check(const Users& users, std::optional<std::string_view> authorization,
                             const std::string& client_key);

 private:
  [[nodiscard]] std::optional<bool> VerifyInTurn(const std::string& password,
                                                 const std::string& hash,
                                                 const std::string& client_key);

  const Verify verify_;
  PasswordCache cache_;
  PerClientLimit pending_{kMaxPending, kMaxPending / 2};
  std::mutex verify_mutex_;
};

}  // namespace conntrack::exporter::web
