// HTTP Basic authentication against the configured users.
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

/// Returns whether the text is a bcrypt hash: $2a$, $2b$ or $2y$, a cost of 04 to 31, salt, digest.
[[nodiscard]] bool IsBcryptHash(std::string_view text);

/// The highest cost allowed in a configuration. One check then takes 0.7 s of CPU time, and the
/// last of Authenticator::kMaxPending is answered after 6 s. Prometheus times out after 10 s by
/// default; at cost 15 it would take 11 s.
inline constexpr int kMaxBcryptCost = 14;

/// Returns the cost in a hash for which IsBcryptHash() is true: 10 in "$2y$10$...".
[[nodiscard]] int BcryptCost(std::string_view hash);

/// \brief  Returns whether the password has that hash. False if bcrypt cannot distinguish it from a
/// shorter one (it contains a NUL), or libxcrypt does not accept it (more than 511 bytes).
/// Threads and cost: any thread; 2^cost rounds, about 50 ms at cost 10; 32 KiB of memory meanwhile.
[[nodiscard]] bool VerifyBcrypt(const std::string& password, const std::string& hash);

struct Credentials {
  std::string user;
  std::string password;  ///< May contain any byte.

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// Parses "Basic dXNlcjpwYXNz": the scheme in any case, valid base64 with padding. The password
/// begins after the first colon.
[[nodiscard]] std::optional<Credentials> ParseBasicCredentials(std::string_view authorization);

/// \brief  A bounded cache of results for (user, stored hash, password).
///
/// The key is an HMAC-SHA-256, with a secret of this process, over the three parts, each with its
/// length: otherwise "a" + "bc" would equal "ab" + "c". Because the stored hash is a part, a result
/// becomes invalid when the password changes. Right and wrong passwords have separate space, so
/// that a flood of wrong ones evicts no right one. A full cache evicts a random entry, which a
/// client cannot predict.
/// Threads: any number of threads.
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
  mutable std::mutex mutex_;  ///< Guards the members below.
  Keys right_;
  Keys wrong_;
};

/// \brief  A mutex that threads get in the order of their requests. With std::mutex, newcomers can
/// overtake a waiting thread again and again.
/// Threads: any number of threads.
class FairMutex {
 public:
  void lock();
  void unlock();

  /// Returns how many threads hold it or wait for it.
  [[nodiscard]] std::uint64_t queue() const;

 private:
  mutable std::mutex mutex_;  ///< Guards the members below.
  std::condition_variable turn_;
  std::uint64_t came_ = 0;
  std::uint64_t gone_ = 0;
};

enum class Access {
  kGranted,
  kDenied,
  kBusy,  ///< Not checked: too many passwords are being checked already.
};

/// \brief  Checks an Authorization header.
///
/// Compares with all names, in constant time. An unknown name costs one bcrypt of the lowest cost
/// among the users, at most 10 as in exporter-toolkit, because any client can cause it. The
/// response time can therefore reveal users with a higher cost.
/// Passwords are checked one at a time, so that a flood of wrong ones uses at most one CPU. They
/// are checked in order of arrival, so that each waits for at most kMaxPending - 1 others. No more
/// may wait, so that they cannot occupy all threads of the server. Half of the places are reserved
/// for clients that have none waiting. A cached result does not wait.
/// Threads: any number of threads.
class Authenticator {
 public:
  static constexpr int kMaxPending = 8;  ///< Includes the one being checked.
  /// Returns whether a password has a hash. Tests count its calls.
  using Verify = std::function<bool(const std::string& password, const std::string& hash)>;

  explicit Authenticator(Verify verify = VerifyBcrypt);

  /// `client_key` is HttpRequest::client_key; see request_limit.h.
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
