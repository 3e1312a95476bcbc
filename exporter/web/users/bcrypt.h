// bcrypt, through libxcrypt.
#pragma once

#include <string>
#include <string_view>

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

}  // namespace conntrack::exporter::web
