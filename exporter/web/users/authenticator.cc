#include "exporter/web/users/authenticator.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <utility>

#include "exporter/web/users/basic_credentials.h"

namespace conntrack::exporter::web {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest DigestOf(const std::string& text) {
  Digest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

// Of one length and looked at to the end, so that the time says nothing about the names.
const std::string* FindHash(const Users& users, const std::string& user) {
  const Digest wanted = DigestOf(user);
  const std::string* found = nullptr;
  for (const auto& [name, hash] : users) {
    const Digest digest = DigestOf(name);
    if (CRYPTO_memcmp(digest.data(), wanted.data(), digest.size()) == 0) found = &hash;
  }
  return found;
}

// What an unknown user's password is compared with: a hash that nothing is known to have.
std::string DummyHash(const Users& users) {
  std::string cost = "10";
  int dearest = 0;
  for (const auto& [name, hash] : users) {
    if (BcryptCost(hash) <= dearest) continue;
    dearest = BcryptCost(hash);
    cost = hash.substr(4, 2);
  }
  return "$2y$" + cost + "$cHJvbWV0aGV1cyBzY3Jhc.SayNobodyHasThisPasswordAtAll..";
}

}  // namespace

Authenticator::Authenticator(Verify verify) : verify_(std::move(verify)) {}

std::optional<bool> Authenticator::VerifyInTurn(const std::string& password,
                                                const std::string& hash,
                                                const std::string& source) {
  const auto waiting = waiting_.Take(source);
  if (!waiting) return std::nullopt;
  const std::scoped_lock lock(one_at_a_time_);
  return verify_(password, hash);
}

Access Authenticator::Check(const Users& users, std::optional<std::string_view> authorization,
                            const std::string& source) {
  const auto given = authorization ? ParseBasicCredentials(*authorization) : std::nullopt;
  if (!given) return Access::kDenied;
  const std::string* known = FindHash(users, given->user);
  const std::string hash = known != nullptr ? *known : DummyHash(users);

  const auto key = cache_.KeyOf(given->user, hash, given->password);
  auto right = cache_.Find(key);
  if (!right) {
    right = VerifyInTurn(given->password, hash, source);
    if (!right) return Access::kBusy;
    right = *right && known != nullptr;
    cache_.Keep(key, *right);
  }
  return *right && known != nullptr ? Access::kGranted : Access::kDenied;
}

}  // namespace conntrack::exporter::web
