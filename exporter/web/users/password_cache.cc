#include "exporter/web/users/password_cache.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <stdexcept>
#include <string>

namespace conntrack::exporter::web {
namespace {

PasswordCache::Key RandomKey() {
  PasswordCache::Key key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
    throw std::runtime_error("OpenSSL has no random numbers");
  }
  return key;
}

}  // namespace

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
  if (keys.size() >= kMost && !keys.contains(key)) {
    // The keys are spread evenly: the next one behind a random place is a random one.
    const auto victim = keys.lower_bound(RandomKey());
    keys.erase(victim == keys.end() ? keys.begin() : victim);
  }
  keys.insert(key);
}

}  // namespace conntrack::exporter::web
