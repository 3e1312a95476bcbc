#include "exporter/web/config/tls_context.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <span>
#include <utility>

namespace conntrack::exporter::web {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio Reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

// OpenSSL's default callback would prompt on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

Certificate NextCertificate(BIO* bio) {
  return {PEM_read_bio_X509(bio, nullptr, &NoPassphrase, nullptr), &X509_free};
}

tl::unexpected<Error> Refused(const char* what) {
  return Fail(ErrorKind::kMalformed, std::string(what) + ": " + TakeOpenSslError());
}

// Reading to the end always ends in an error; PEM_R_NO_START_LINE means success.
bool EndedWell() {
  const unsigned long error = ERR_peek_last_error();
  const bool ended = error == 0 || (ERR_GET_LIB(error) == ERR_LIB_PEM &&
                                    ERR_GET_REASON(error) == PEM_R_NO_START_LINE);
  if (ended) ERR_clear_error();
  return ended;
}

// The server's certificate and its chain.
Result<void> UseCertificate(SSL_CTX* context, const std::string& pem) {
  ERR_clear_error();
  const Bio bio = Reader(pem);
  const Certificate leaf = NextCertificate(bio.get());
  if (!leaf) return Refused("no certificate in PEM format");
  if (SSL_CTX_use_certificate(context, leaf.get()) != 1) return Refused("unusable certificate");
  while (const Certificate next = NextCertificate(bio.get())) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return Refused("unusable chain");
  }
  if (!EndedWell()) return Refused("broken certificate in the chain");
  return {};
}

// An encrypted key is an error: a service cannot ask for its passphrase.
Result<void> UseKey(SSL_CTX* context, const std::string& pem) {
  ERR_clear_error();
  const Bio bio = Reader(pem);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr),
                &EVP_PKEY_free);
  if (!key) return Refused("no private key in PEM format that needs no passphrase");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return Refused("the key does not belong to the certificate");
  }
  return {};
}

// CAs to trust for clients, and to announce to clients.
Result<void> TrustClientCas(SSL_CTX* context, const std::string& pem) {
  ERR_clear_error();
  const Bio bio = Reader(pem);
  int count = 0;
  while (const Certificate ca = NextCertificate(bio.get())) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca.get()) != 1 ||
        SSL_CTX_add_client_CA(context, ca.get()) != 1) {
      return Refused("unusable CA certificate");
    }
    ++count;
  }
  if (!EndedWell()) return Refused("broken CA certificate");
  if (count == 0) return Fail(ErrorKind::kMalformed, "no CA certificate in PEM format");
  return {};
}

template <class Range, class Wanted>
std::string Join(const Range& range, Wanted wanted) {
  std::string names;
  for (const auto& one : range) {
    if (wanted(one)) names.append(names.empty() ? "" : ":").append(one.openssl);
  }
  return names;
}

// TLS 1.0 and 1.1 sign with SHA-1, which OpenSSL 3 allows only at level 0.
int SecurityLevel(const TlsConfig& config) { return config.min_version < TlsVersion::k12 ? 0 : 2; }

std::uint64_t Options(const TlsConfig& config) {
  return SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
         (config.prefer_server_cipher_suites ? SSL_OP_CIPHER_SERVER_PREFERENCE : 0);
}

// Adds the position in the configuration to an error.
Result<void> Located(Result<void> result, const PemSource& source) {
  if (result) return result;
  Error error = std::move(result).error();
  error.message = At(source.position, source.key + ": " + error.message);
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

int ClientHello(SSL* connection, int* alert, void* argument) {
  *alert = SSL_AD_INTERNAL_ERROR;
  try {
    const auto tls = (*static_cast<const ServerTls::Current*>(argument))();
    return tls != nullptr && tls->ApplyTo(connection) ? SSL_CLIENT_HELLO_SUCCESS
                                                      : SSL_CLIENT_HELLO_ERROR;
  } catch (...) {  // out of memory; must not throw into OpenSSL
    return SSL_CLIENT_HELLO_ERROR;
  }
}

struct Policy {
  bool verify = false;
  std::vector<std::string> allowed_sans;
};

std::string Bytes(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string Address(const ASN1_STRING* octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = ASN1_STRING_length(octets) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(octets) != 16) return {};
  inet_ntop(family, ASN1_STRING_get0_data(octets), text.data(), text.size());
  return text.data();
}

std::string NameOf(const GENERAL_NAME& name) {
  switch (name.type) {
    case GEN_DNS:
    case GEN_EMAIL:
    case GEN_URI:
      return Bytes(name.d.ia5);
    case GEN_IPADD:
      return Address(name.d.iPAddress);
    default:
      return {};
  }
}

// OpenSSL calls this instead of X509_verify_cert(), even if the policy does not verify
// certificates.
int VerifyClientCertificate(X509_STORE_CTX* store, void* argument) {
  const auto& policy = *static_cast<const Policy*>(argument);
  if (policy.verify && X509_verify_cert(store) != 1) return 0;
  if (policy.allowed_sans.empty()) return 1;
  const auto names = SubjectAltNames(X509_STORE_CTX_get0_cert(store));
  const bool allowed = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    const auto& list = policy.allowed_sans;
    return std::find(list.begin(), list.end(), name) != list.end();
  });
  if (!allowed) X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
  return allowed ? 1 : 0;
}

void FreePolicy(void*, void* policy, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Policy*>(policy);
}

// Stores the policy in a context, so that it lives exactly as long as the context.
int PolicyIndex() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, &FreePolicy);
  return index;
}

int VerifyMode(ClientAuth auth) {
  if (auth == ClientAuth::kNone) return SSL_VERIFY_NONE;
  return SSL_VERIFY_PEER | (RequiresCertificate(auth) ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
}

// Makes the context request client certificates and accept those that the policy allows. As in
// exporter-toolkit, a name must equal one in the list, even if the certificate is not verified
// (RequireAnyClientCert), in which case the name proves nothing. Returns false if out of memory.
bool SetClientCertificatePolicy(SSL_CTX* context, ClientAuth auth,
                                const std::vector<std::string>& allowed_sans) {
  auto policy = std::make_unique<Policy>(Policy{VerifiesCertificate(auth), allowed_sans});
  if (SSL_CTX_set_ex_data(context, PolicyIndex(), policy.get()) != 1) return false;
  SSL_CTX_set_cert_verify_callback(context, &VerifyClientCertificate, policy.release());
  SSL_CTX_set_verify(context, VerifyMode(auth), nullptr);
  return true;
}

}  // namespace

std::string TakeOpenSslError() {
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  return reason == nullptr ? "OpenSSL does not say why" : reason;
}

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
  // As in exporter-toolkit, a list without a TLS 1.3 suite only restricts older versions.
  made->tls13_ciphers_ = std::any_of(suites.begin(), suites.end(), is_tls13)
                             ? Join(suites, is_tls13)
                             : Join(DefaultCipherSuites(), is_tls13);
  made->curves_ = Join(curves, [](const Curve&) { return true; });
  // A list with TLS 1.3 suites only leaves older versions without a suite.
  made->min_version_ =
      static_cast<int>(made->ciphers_.empty() ? TlsVersion::k13 : config.min_version);
  made->max_version_ = static_cast<int>(config.max_version);

  SSL_CTX_set_security_level(context, SecurityLevel(config));
  SSL_CTX_set_options(context, Options(config));
  if (!SetClientCertificatePolicy(context, config.client_auth, config.client_allowed_sans))
    throw std::bad_alloc();
  if (auto used = UsePem(context, config, pem); !used) return Fail(used.error());
  return made;
}

bool TlsContext::ApplyTo(ssl_st* connection) const {
  // SSL_set_SSL_CTX() sets certificate, key, trust, security level and the client policy.
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

ServerTls::ServerTls(Current current)
    : current_(std::make_unique<const Current>(std::move(current))),
      context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
  if (context_ == nullptr) throw std::bad_alloc();
  // Allows everything until the configuration is applied, regardless of the distribution's
  // defaults.
  SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), TLS1_3_VERSION);
  // No resumption: see TlsContext.
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context_.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context_.get(), 0);
  SSL_CTX_set_client_hello_cb(context_.get(), &ClientHello, const_cast<Current*>(current_.get()));
}

std::vector<std::string> SubjectAltNames(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> list(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::vector<std::string> names;
  for (int i = 0; i < sk_GENERAL_NAME_num(list.get()); ++i) {
    auto name = NameOf(*sk_GENERAL_NAME_value(list.get(), i));
    if (!name.empty() && name.find('\0') == std::string::npos) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace conntrack::exporter::web
