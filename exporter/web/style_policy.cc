#include "exporter/web/style_policy.h"

#include <openssl/evp.h>

#include <array>
#include <stdexcept>

namespace conntrack::exporter::web {
namespace {

std::string Sha256InBase64(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-256");
  }
  std::array<unsigned char, std::size_t{2} * EVP_MAX_MD_SIZE> encoded{};
  const int size = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(length));
  return {encoded.begin(), encoded.begin() + size};
}

}  // namespace

std::string StylePolicy(std::string_view style) {
  return "default-src 'none'; style-src 'sha256-" + Sha256InBase64(style) +
         "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
}

}  // namespace conntrack::exporter::web
