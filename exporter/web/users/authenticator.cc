#include "exporter/web/users/authenticator.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <utility>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {
namespace {

// "$2y$10$", 22 characters of salt, 31 of digest.
constexpr std::size_t kPrefix = 7;
constexpr std::size_t kDigest = 31;
constexpr std::size_t kLength = kPrefix + 22 + kDigest;
constexpr int kCheapest = 4;
constexpr int kDearest = 31;  // maximum of bcrypt
constexpr int kDearestOfUnknown = 10;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Not EVP_DecodeBlock(), which accepts padding anywhere, and blanks.
std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = kBase64.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    pending = (pending << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(pending >> static_cast<unsigned>(bits) & 0xFFU);
  }
  return bytes;
}

PasswordCache::Key RandomKey() {
  PasswordCache::Key key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random numbers");
  }
  return key;
}

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

Digest DigestOf(const std::string& text) {
  Digest digest{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
  return digest;
}

// Compares digests of equal length, and all users, so that the time does not reveal names.
const std::string* FindHash(const Users& users, const std::string& user) {
  const Digest wanted = DigestOf(user);
  const std::string* found = nullptr;
  for (const auto& [name, hash] : users) {
    const Digest digest = DigestOf(name);
    if (CRYPTO_memcmp(digest.data(), wanted.data(), digest.size()) == 0) found = &hash;
  }
  return found;
}

// Returns a hash to compare the password of an unknown user with. No known password has it.
std::string DummyHash(const Users& users) {
  int cost = kDearestOfUnknown;
  for (const auto& [name, hash] : users) cost = std::min(cost, BcryptCost(hash));
  return std::string("$2y$") + (cost < 10 ? "0" : "") + std::to_string(cost) +
         "$cHJvbWV0aGV1cyBzY3Jhc.SayNobodyHasThisPasswordAtAll..";
}

}  // namespace

int BcryptCost(std::string_view hash) { return (hash[4] - '0') * 10 + (hash[5] - '0'); }

bool IsBcryptHash(std::string_view text) {
  if (text.size() != kLength || !text.starts_with("$2")) return false;
  if (std::string_view("aby").find(text[2]) == std::string_view::npos) return false;
  if (text[3] != '$' || !IsDigit(text[4]) || !IsDigit(text[5]) || text[6] != '$') return false;
  const int cost = BcryptCost(text);
  if (cost < kCheapest || cost > kDearest) return false;
  // bcrypt uses a dot instead of the plus.
  return std::all_of(text.begin() + kPrefix, text.end(), [](char c) {
    return c == '.' || (c != '+' && kBase64.find(c) != std::string_view::npos);
  });
}

bool VerifyBcrypt(const std::string& password, const std::string& hash) {
  if (password.find('\0') != std::string::npos) return false;
  const auto scratch = std::make_unique<crypt_data>();
  const char* computed = crypt_rn(password.c_str(), hash.c_str(), scratch.get(), sizeof *scratch);
  const bool same =
      computed != nullptr && std::string_view(computed).size() == kLength &&
      hash.size() == kLength &&
      CRYPTO_memcmp(computed + kLength - kDigest, hash.data() + kLength - kDigest, kDigest) == 0;
  OPENSSL_cleanse(scratch.get(), sizeof *scratch);
  return same;
}

std::optional<Credentials> ParseBasicCredentials(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (!SameWord(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const auto decoded = DecodeBase64(Trimmed(authorization.substr(kScheme.size())));
  if (!decoded) return std::nullopt;
  const auto colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

PasswordCache::PasswordCache() : secret_(RandomKey()) {}

PasswordCache::Key PasswordCache::KeyOf(std::string_view user, std::string_view hash,
                                        std::string_view password) const {
  std::string question;
  for (const std::string_view part : {user, hash, password}) {
    const std::uint64_t length = part.size();
    question.append(reinterpret_cast<const char*>(&length), sizeof length).append(part);
  }
  Key key{};
  if (HMAC(EVP_sha256(), secret_.data(), static_cast<int>(secret_.size()),
           reinterpret_cast<const unsigned char*>(question.data()), question.size(), key.data(),
           nullptr) == nullptr) {
    throw std::runtime_error("OpenSSL cannot compute HMAC-SHA-256");
  }
  OPENSSL_cleanse(question.data(), question.size());
  return key;
}

std::optional<bool> PasswordCache::Find(const Key& key) const {
  const std::scoped_lock lock(mutex_);
  if (right_.contains(key)) return true;
  if (wrong_.contains(key)) return false;
  return std::nullopt;
}

void PasswordCache::Keep(const Key& key, bool right) {
  const std::scoped_lock lock(mutex_);
  Keys& keys = right ? right_ : wrong_;
  if (keys.size() >= kMaxEntries && !keys.contains(key)) {
    // Keys are evenly distributed, so the next key after a random position is a random one.
    const auto victim = keys.lower_bound(RandomKey());
    keys.erase(victim == keys.end() ? keys.begin() : victim);
  }
  keys.insert(key);
}

void FairMutex::lock() {
  std::unique_lock lock(mutex_);
  turn_.wait(lock, [this, mine = came_++] { return gone_ == mine; });
}

void FairMutex::unlock() {
  const std::scoped_lock lock(mutex_);
  ++gone_;
  turn_.notify_all();
}

std::uint64_t FairMutex::queue() const {
  const std::scoped_lock lock(mutex_);
  return came_ - gone_;
}

Authenticator::Authenticator(Verify verify) : verify_(std::move(verify)) {}

std::optional<bool> Authenticator::VerifyInTurn(const std::string& password,
                                                const std::string& hash,
                                                const std::string& client_key) {
  const auto permit = pending_.TryAcquire(client_key);
  if (!permit) return std::nullopt;
  const std::scoped_lock lock(verify_mutex_);
  return verify_(password, hash);
}

Access Authenticator::Check(const Users& users, std::optional<std::string_view> authorization,
                            const std::string& client_key) {
  const auto given = authorization ? ParseBasicCredentials(*authorization) : std::nullopt;
  if (!given) return Access::kDenied;
  const std::string* known = FindHash(users, given->user);
  const std::string hash = known != nullptr ? *known : DummyHash(users);

  const auto key = cache_.KeyOf(given->user, hash, given->password);
  auto right = cache_.Find(key);
  if (!right) {
    right = VerifyInTurn(given->password, hash, client_key);
    if (!right) return Access::kBusy;
    right = *right && known != nullptr;
    cache_.Keep(key, *right);
  }
  return *right && known != nullptr ? Access::kGranted : Access::kDenied;
}

}  // namespace conntrack::exporter::web
