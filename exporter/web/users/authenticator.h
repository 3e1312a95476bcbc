// HTTP Basic authentication: credentials against the configured users.
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "exporter/web/config/web_config.h"
#include "exporter/web/server/request_limit.h"

namespace conntrack::exporter::web {

/// Whether the text is a bcrypt hash: $2a$, $2b$ or $2y$, a cost of 04 to 31, salt, digest.
[[nodiscard]] bool IsBcryptHash(std::string_view text);

/// The highest cost that a configuration may have. One check then takes 0.7 s of a CPU, and the
/// last of Authenticator::kMaxPending is answered after 6 s. Prometheus gives up after 10 s by
/// default; at cost 15 it would be 11 s.
inline constexpr int kMaxBcryptCost = 14;

/// The cost in a hash for which IsBcryptHash() is true: 10 in "$2y$10$...".
[[nodiscard]] int BcryptCost(std::string_view hash);

/// \brief  Whether the password has that hash. False for one that bcrypt cannot tell from a shorter
/// one (it holds a NUL) or that libxcrypt does not take (beyond 511 bytes).
/// Threads and cost: any thread; 2^cost rounds, about 50 ms at cost 10; 32 KiB meanwhile.
[[nodiscard]] bool VerifyBcrypt(const std::string& password, const std::string& hash);

struct Credentials {
  std::string user;
  std::string password;  ///< May hold any byte.

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// Reads "Basic dXNlcjpwYXNz": the scheme in any case of letters, correct base64 with its padding;
/// the password is what follows the first colon.
[[nodiscard]] std::optional<Credentials> ParseBasicCredentials(std::string_view authorization);

/// \brief  Verdicts on (user, stored hash, password), bounded.
///
/// The key is an HMAC-SHA-256, with a secret of this process, over the three parts, each with its
/// length: otherwise "a" + "bc" would be "ab" + "c". As the stored hash is a part, a verdict ends
/// with its password. Right and wrong have room of their own, so that a flood of wrong passwords
/// drives out no right one. A full cache drops a random entry, which a client cannot predict.
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

/// \brief  A mutex that threads get in the order in which they asked. With std::mutex, newcomers
/// can overtake a thread that waits, again and again.
/// Threads: any number at once.
class FairMutex {
 public:
  void lock();
  void unlock();

  /// How many have it or wait for it.
  [[nodiscard]] std::uint64_t queue() const;

 private:
  mutable std::mutex mutex_;  ///< Guards what follows.
  std::condition_variable turn_;
  std::uint64_t came_ = 0;
  std::uint64_t gone_ = 0;
};

enum class Access {
  kGranted,
  kDenied,
  kBusy,  ///< Not found out: too many passwords are being checked already.
};

/// \brief  Checks an Authorization header.
///
/// All names are compared, in constant time. An unknown one costs one bcrypt of the lowest cost
/// among the users, at most 10 as in exporter-toolkit: any stranger can cause it. So the time of an
/// answer can reveal users with a higher cost.
/// Passwords are checked one at a time, so that a flood of wrong ones takes at most one CPU. They
/// are checked in the order in which they came, so that each waits for at most kMaxPending - 1
/// others. No more may wait, so that they cannot take all threads of the server; half of the places
/// are reserved for clients that have none waiting. A cached verdict does not wait.
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
  FairMutex verify_mutex_;
};

}  // namespace conntrack::exporter::web
