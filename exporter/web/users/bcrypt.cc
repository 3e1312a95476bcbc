#include "exporter/web/users/bcrypt.h"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace conntrack::exporter::web {
namespace {

// "$2y$10$", 22 characters of salt, 31 of digest.
constexpr std::size_t kPrefix = 7;
constexpr std::size_t kDigest = 31;
constexpr std::size_t kLength = kPrefix + 22 + kDigest;
constexpr int kCheapest = 4;
constexpr int kDearest = 18;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsBase64(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '/';
}

}  // namespace

int BcryptCost(std::string_view hash) { return (hash[4] - '0') * 10 + (hash[5] - '0'); }

bool IsBcryptHash(std::string_view text) {
  if (text.size() != kLength || !text.starts_with("$2")) return false;
  if (std::string_view("aby").find(text[2]) == std::string_view::npos) return false;
  if (text[3] != '$' || !IsDigit(text[4]) || !IsDigit(text[5]) || text[6] != '$') return false;
  const int cost = BcryptCost(text);
  return cost >= kCheapest && cost <= kDearest &&
         std::all_of(text.begin() + kPrefix, text.end(), IsBase64);
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

}  // namespace conntrack::exporter::web
