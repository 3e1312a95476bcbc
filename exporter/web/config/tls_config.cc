#include "exporter/web/config/tls_config.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "exporter/web/config/strict_yaml.h"

namespace conntrack::exporter::web {
namespace {

// AEAD before CBC, AES before ChaCha20, the order of Go on hosts with AES instructions. The last
// four have no forward secrecy and are used only if configured.
constexpr std::array<CipherSuite, 17> kCipherSuites{{
    {"TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256", true},
    {"TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384", true},
    {"TLS_CHACHA20_POLY1305_SHA256", "TLS_CHACHA20_POLY1305_SHA256", true},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    {"TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"},
    {"TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"},
    {"TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"},
    {"TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA"},
}};
constexpr std::size_t kDefaultCipherSuites = kCipherSuites.size() - 4;

constexpr std::array<Curve, 4> kCurves{
    {{"X25519", "X25519"}, {"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}}};

constexpr std::array<std::pair<std::string_view, TlsVersion>, 4> kVersions{
    {{"TLS10", TlsVersion::k10},
     {"TLS11", TlsVersion::k11},
     {"TLS12", TlsVersion::k12},
     {"TLS13", TlsVersion::k13}}};

template <class Table>
auto FindByName(const Table& table, std::string_view name)
    -> std::optional<typename Table::value_type> {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.name == name; });
  if (found == table.end()) return std::nullopt;
  return *found;
}

using yaml::Refuse;

constexpr std::array<std::pair<std::string_view, ClientAuth>, 6> kClientAuth{
    {{"NoClientCert", ClientAuth::kNone},
     {"RequestClientCert", ClientAuth::kRequest},
     {"RequireAnyClientCert", ClientAuth::kRequireAny},
     {"RequireClientCert", ClientAuth::kRequireAny},  // old name
     {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
     {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify}}};

// PEM as text, or the file that contains it: two keys for one setting.
PemSource ReadPem(const YAML::Node& section, const std::string& key) {
  PemSource source;
  for (const bool is_file : {false, true}) {
    const std::string name = is_file ? key + "_file" : key;
    const YAML::Node node = yaml::ValueOf(section, name);
    const std::string text = yaml::Text(node, name);
    if (text.empty()) continue;
    if (text.find('\0') != std::string::npos) Refuse(node, name + " holds a NUL");
    if (source.given()) {
      Refuse(node, "a PEM text and a file for it are both given; keep one of them");
    }
    (is_file ? source.file : source.text) = text;
    source.key = name;
    source.position = yaml::Place(node.Mark());
  }
  return source;
}

TlsVersion ReadVersion(const YAML::Node& section, const std::string& key, TlsVersion otherwise) {
  if (!section[key]) return otherwise;
  const YAML::Node node = section[key];
  const std::string text = yaml::Text(node, key);
  const auto found = FindTlsVersion(text);
  if (!found) {
    Refuse(node, "unknown TLS version in " + key + "; known are: TLS10, TLS11, TLS12, TLS13");
  }
  return *found;
}

ClientAuth ReadClientAuth(const YAML::Node& node) {
  const std::string text = yaml::Text(node, "client_auth_type");
  if (text.empty()) return ClientAuth::kNone;
  for (const auto& [name, value] : kClientAuth) {
    if (name == text) return value;
  }
  std::string names;
  for (const auto& [name, value] : kClientAuth)
    names.append(names.empty() ? "" : ", ").append(name);
  Refuse(node, "unknown client_auth_type; known are: " + names);
}

// Checks the combination of keys. `node` is the section, for the position.
void CheckTls(const YAML::Node& node, const TlsConfig& tls, bool sans_given) {
  const auto need = [&](bool given, const char* what) {
    if (!given) Refuse(node, std::string("tls_server_config: missing one of ") + what);
  };
  need(tls.certificate.given(), "cert or cert_file");
  need(tls.key.given(), "key or key_file");
  if (tls.client_ca.given() && tls.client_auth == ClientAuth::kNone) {
    Refuse(node, "a client CA is configured without a client_auth_type that uses it");
  }
  if (VerifiesCertificate(tls.client_auth) && !tls.client_ca.given()) {
    Refuse(node, "client_auth_type verifies certificates: client_ca or client_ca_file is needed");
  }
  if (sans_given && !RequiresCertificate(tls.client_auth)) {
    Refuse(node,
           "client_allowed_sans needs client_auth_type RequireAnyClientCert or "
           "RequireAndVerifyClientCert: with the others a client may come without a certificate");
  }
  if (sans_given && tls.client_allowed_sans.empty()) {
    Refuse(node, "client_allowed_sans is empty and would reject every client");
  }
  if (tls.min_version > tls.max_version) Refuse(node, "min_version is above max_version");
  const bool only_tls13 = !tls.cipher_suites.empty() &&
                          std::all_of(tls.cipher_suites.begin(), tls.cipher_suites.end(),
                                      [](const CipherSuite& suite) { return suite.tls13; });
  if (only_tls13 && tls.max_version < TlsVersion::k13) {
    Refuse(node, "cipher_suites are all of TLS 1.3, which max_version rules out");
  }
}

}  // namespace

std::optional<TlsVersion> FindTlsVersion(std::string_view name) {
  for (const auto& [known, version] : kVersions) {
    if (known == name) return version;
  }
  return std::nullopt;
}

std::optional<CipherSuite> FindCipherSuite(std::string_view name) {
  return FindByName(kCipherSuites, name);
}

std::optional<Curve> FindCurve(std::string_view name) { return FindByName(kCurves, name); }

std::span<const CipherSuite> DefaultCipherSuites() {
  return std::span(kCipherSuites).first(kDefaultCipherSuites);
}

std::span<const Curve> DefaultCurves() { return kCurves; }

std::string At(Position position, std::string_view what) {
  std::string text = std::to_string(position.line) + ":" + std::to_string(position.column) + ": ";
  return text.append(what);
}

std::optional<TlsConfig> ReadTlsSection(const YAML::Node& node) {
  yaml::CheckMapping(node, "tls_server_config",
                     {"cert", "cert_file", "key", "key_file", "client_ca", "client_ca_file",
                      "client_auth_type", "client_allowed_sans", "min_version", "max_version",
                      "cipher_suites", "prefer_server_cipher_suites", "curve_preferences"});
  if (node.IsNull() || node.size() == 0) return std::nullopt;
  TlsConfig tls;
  tls.certificate = ReadPem(node, "cert");
  tls.key = ReadPem(node, "key");
  tls.client_ca = ReadPem(node, "client_ca");
  tls.client_auth = ReadClientAuth(yaml::ValueOf(node, "client_auth_type"));
  const YAML::Node sans = yaml::ValueOf(node, "client_allowed_sans");
  for (const auto& san : yaml::Scalars(sans, "client_allowed_sans")) {
    tls.client_allowed_sans.push_back(san.Scalar());
  }
  tls.min_version = ReadVersion(node, "min_version", tls.min_version);
  tls.max_version = ReadVersion(node, "max_version", tls.max_version);
  for (const auto& name : yaml::Scalars(yaml::ValueOf(node, "cipher_suites"), "cipher_suites")) {
    const auto suite = FindCipherSuite(name.Scalar());
    if (!suite) Refuse(name, "unknown or insecure cipher suite");
    tls.cipher_suites.push_back(*suite);
  }
  tls.prefer_server_cipher_suites = yaml::Bool(yaml::ValueOf(node, "prefer_server_cipher_suites"),
                                               "prefer_server_cipher_suites", true);
  for (const auto& name :
       yaml::Scalars(yaml::ValueOf(node, "curve_preferences"), "curve_preferences")) {
    const auto curve = FindCurve(name.Scalar());
    if (!curve) {
      Refuse(name, "unknown curve; known are: CurveP256, CurveP384, CurveP521, X25519");
    }
    tls.curve_preferences.push_back(*curve);
  }
  CheckTls(node, tls, !sans.IsNull());
  return tls;
}

}  // namespace conntrack::exporter::web
