#include "exporter/web/config/client_certificate.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

namespace conntrack::exporter::web {
namespace {

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

// In the place of X509_verify_cert(), which it calls where certificates are to be verified.
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

// Where a context keeps its policy, so that it lives exactly as long as the context.
int PolicyIndex() {
  static const int index =
      CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, &FreePolicy);
  return index;
}

int VerifyMode(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::kNone:
      return SSL_VERIFY_NONE;
    case ClientAuth::kRequest:
    case ClientAuth::kVerifyIfGiven:
      return SSL_VERIFY_PEER;
    case ClientAuth::kRequireAny:
    case ClientAuth::kRequireAndVerify:
      return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  }
  return SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
}

}  // namespace

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

bool SetClientCertificatePolicy(SSL_CTX* context, ClientAuth auth,
                                const std::vector<std::string>& allowed_sans) {
  const bool verify = auth == ClientAuth::kVerifyIfGiven || auth == ClientAuth::kRequireAndVerify;
  auto policy = std::make_unique<Policy>(Policy{verify, allowed_sans});
  if (SSL_CTX_set_ex_data(context, PolicyIndex(), policy.get()) != 1) return false;
  SSL_CTX_set_cert_verify_callback(context, &VerifyClientCertificate, policy.release());
  SSL_CTX_set_verify(context, VerifyMode(auth), nullptr);
  return true;
}

}  // namespace conntrack::exporter::web
