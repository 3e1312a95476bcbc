#include "collectors/flows/keyed_hash.h"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace conntrack {

KeyedHash::KeyedHash() : secret_(&OfThisProcess()) {}

const KeyedHash::Secret& KeyedHash::OfThisProcess() {
  static const Secret kSecret = [] {
    Secret secret;
    // Up to 256 bytes come whole or not at all.
    if (::getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size())) {
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    return secret;
  }();
  return kSecret;
}

}  // namespace conntrack
