// Who may ask: names and passwords against the configured users.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/web/config/web_config.h"
#include "exporter/web/server/fair_slots.h"
#include "exporter/web/users/bcrypt.h"
#include "exporter/web/users/password_cache.h"

namespace conntrack::exporter::web {

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
/// kMostWaiting may wait for it, so that it cannot take all threads of the server either; half of
/// them only where no other of the same source waits, so that no source keeps out the others.
/// Whoever is in the cache does not wait.
/// Threads: any number at once.
class Authenticator {
 public:
  static constexpr int kMostWaiting = 8;  ///< The one that is being checked included.
  /// Whether a password has a hash; tests count its calls.
  using Verify = std::function<bool(const std::string& password, const std::string& hash)>;

  explicit Authenticator(Verify verify = VerifyBcrypt);

  /// `source` is that of the request; see source.h.
  [[nodiscard]] Access Check(const Users& users, std::optional<std::string_view> authorization,
                             const std::string& source);

 private:
  [[nodiscard]] std::optional<bool> VerifyInTurn(const std::string& password,
                                                 const std::string& hash,
                                                 const std::string& source);

  const Verify verify_;
  PasswordCache cache_;
  FairSlots waiting_{kMostWaiting, kMostWaiting / 2};
  std::mutex one_at_a_time_;
};

}  // namespace conntrack::exporter::web
