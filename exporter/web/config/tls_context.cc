#include "exporter/web/config/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <new>
#include <span>
#include <utility>

#include "exporter/web/config/client_certificate.h"
#include "exporter/web/config/pem.h"

namespace conntrack::exporter::web {
namespace {

template <class Range, class Wanted>
std::string Join(const Range& range, Wanted wanted) {
  std::string names;
  for (const auto& one : range) {
    if (wanted(one)) names.append(names.empty() ? "" : ":").append(one.openssl);
  }
  return names;
}

// TLS 1.0 and 1.1 sign with SHA-1, which OpenSSL 3 allows on no higher level.
int SecurityLevel(const TlsConfig& config) { return config.min_version < TlsVersion::k12 ? 0 : 2; }

std::uint64_t Options(const TlsConfig& config) {
  return SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
         (config.prefer_server_cipher_suites ? SSL_OP_CIPHER_SERVER_PREFERENCE : 0);
}

// The error of a part, with the place of what it was made of.
Result<void> Located(Result<void> result, const PemSource& source) {
  if (result) return result;
  Error error = std::move(result).error();
  const std::string where = source.file.empty() ? std::string() : source.file + ": ";
  error.message = At(source.position, where + error.message);
  return Fail(std::move(error));
}

Result<void> UsePem(SSL_CTX* context, const TlsConfig& config, const TlsPem& pem) {
  auto used = Located(UseCertificate(context, pem.certificate), config.certificate);
  if (used) used = Located(UseKey(context, pem.key), config.key);
  if (used && config.client_ca.given()) {
    used = Located(TrustClientCas(context, pem.client_ca), config.client_ca);
  }
  return used;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::Make(const TlsConfig& config,
                                                           const TlsPem& pem) {
  const std::shared_ptr<TlsContext> made(new TlsContext);
  made->context_.reset(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  SSL_CTX* context = made->context_.get();
  if (context == nullptr) throw std::bad_alloc();

  const auto suites = config.cipher_suites.empty()
                          ? DefaultCipherSuites()
                          : std::span<const CipherSuite>(config.cipher_suites);
  const auto curves = config.curve_preferences.empty()
                          ? DefaultCurves()
                          : std::span<const Curve>(config.curve_preferences);
  const auto is_tls13 = [](const CipherSuite& suite) { return suite.tls13; };
  made->ciphers_ = Join(suites, [&](const CipherSuite& suite) { return !is_tls13(suite); });
  // As in the toolkit a list without any suite of TLS 1.3 is one of older versions only.
  made->tls13_ciphers_ = std::any_of(suites.begin(), suites.end(), is_tls13)
                             ? Join(suites, is_tls13)
                             : Join(DefaultCipherSuites(), is_tls13);
  made->curves_ = Join(curves, [](const Curve&) { return true; });
  // And one that has nothing else leaves older versions without a suite.
  made->min_version_ =
      static_cast<int>(made->ciphers_.empty() ? TlsVersion::k13 : config.min_version);
  made->max_version_ = static_cast<int>(config.max_version);

  SSL_CTX_set_security_level(context, SecurityLevel(config));
  SSL_CTX_set_options(context, Options(config));
  if (!AskClients(context, config.client_auth, config.client_allowed_sans)) throw std::bad_alloc();
  if (auto used = UsePem(context, config, pem); !used) return Fail(used.error());
  return made;
}

bool TlsContext::ApplyTo(ssl_st* connection) const {
  // SSL_set_SSL_CTX() brings certificate, key, trust, security level and the policy for clients.
  if (SSL_set_SSL_CTX(connection, context_.get()) == nullptr) return false;
  SSL_clear_options(connection, SSL_get_options(connection));
  SSL_set_options(connection, SSL_CTX_get_options(context_.get()));
  SSL_set_verify(connection, SSL_CTX_get_verify_mode(context_.get()), nullptr);
  return SSL_set_min_proto_version(connection, min_version_) == 1 &&
         SSL_set_max_proto_version(connection, max_version_) == 1 &&
         (ciphers_.empty() || SSL_set_cipher_list(connection, ciphers_.c_str()) == 1) &&
         SSL_set_ciphersuites(connection, tls13_ciphers_.c_str()) == 1 &&
         SSL_set1_groups_list(connection, curves_.c_str()) == 1;
}

}  // namespace conntrack::exporter::web
