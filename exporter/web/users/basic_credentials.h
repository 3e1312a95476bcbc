// What an Authorization header of the scheme Basic says (RFC 7617).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace conntrack::exporter::web {

struct Credentials {
  std::string user;
  std::string password;  ///< May hold any byte.

  friend bool operator==(const Credentials&, const Credentials&) = default;
};

/// \brief  Reads "Basic dXNlcjpwYXNz". The scheme in any case of letters, the rest strict: correct
/// base64 with its padding, and a colon within; what is behind the first is the password.
[[nodiscard]] std::optional<Credentials> ParseBasicCredentials(std::string_view authorization);

}  // namespace conntrack::exporter::web
