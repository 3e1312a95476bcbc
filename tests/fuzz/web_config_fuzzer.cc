// The web configuration: durations, hashes; and what clients send for it: credentials,
// certificates.
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/web/config/tls_context.h"
#include "exporter/web/config/web_config.h"
#include "exporter/web/users/authenticator.h"

using namespace conntrack::exporter::
    web;  // NOLINT(google-build-using-namespace): a fuzz target is one function

namespace {

// What we take for base64 is what OpenSSL takes for it, too.
void CompareWithOpenSsl(std::string_view header) {
  const auto credentials = ParseBasicCredentials(header);
  if (!credentials) return;
  const std::string plain = credentials->user + ":" + credentials->password;
  std::string encoded(4 * (plain.size() / 3 + 1) + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(plain.data()),
                                     static_cast<int>(plain.size()));
  std::string again(plain.size() + 3, '\0');
  const int back = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(again.data()),
                                   reinterpret_cast<const unsigned char*>(encoded.data()), length);
  if (back < 0 || again.compare(0, plain.size(), plain) != 0) __builtin_trap();
  if (length >= 0 &&
      ParseBasicCredentials("Basic " + encoded.substr(0, static_cast<std::size_t>(length))) !=
          credentials) {
    __builtin_trap();
  }
}

void ReadNames(const std::uint8_t* data, std::size_t size) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      d2i_X509(nullptr, &data, static_cast<long>(size)), &X509_free);
  if (!certificate) return;
  for (const auto& name : SubjectAltNames(certificate.get())) {
    if (name.find('\0') != std::string::npos) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = ParseWebConfig(text);
  if (!config && config.error().message.empty()) __builtin_trap();
  if (config && config->rate_limit && config->rate_limit->burst < 1) __builtin_trap();
  if (config && config->tls && !config->tls->key.given()) __builtin_trap();
  (void)IsBcryptHash(text);
  if (const auto duration = ParseGoDuration(text); duration && duration->count() < 0) {
    __builtin_trap();
  }
  ReadNames(data, size);
  CompareWithOpenSsl(text);
  CompareWithOpenSsl("Basic " + std::string(text));
  return 0;
}
