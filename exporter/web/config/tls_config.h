// The section tls_server_config of the web configuration. Names of TLS versions, cipher suites and
// curves are those of Go and IANA; each maps to OpenSSL's name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace YAML {
class Node;
}

namespace conntrack::exporter::web {

/// Values of the protocol, which OpenSSL uses too (TLS1_VERSION ...).
enum class TlsVersion { k10 = 0x0301, k11 = 0x0302, k12 = 0x0303, k13 = 0x0304 };

struct CipherSuite {
  std::string_view name;     ///< IANA's and Go's name.
  std::string_view openssl;  ///< For SSL_CTX_set_cipher_list(); _ciphersuites() if `tls13`.
  bool tls13 = false;

  friend bool operator==(const CipherSuite&, const CipherSuite&) = default;
};

struct Curve {
  std::string_view name;
  std::string_view openssl;  ///< For SSL_CTX_set1_groups_list().

  friend bool operator==(const Curve&, const Curve&) = default;
};

/// Parses "TLS10" to "TLS13".
[[nodiscard]] std::optional<TlsVersion> FindTlsVersion(std::string_view name);

/// Finds the suites that Go calls secure, and the four with RSA key exchange that it called secure
/// until 1.22. Neither exporter-toolkit nor this knows RC4, 3DES and the CBC suites with SHA-256.
[[nodiscard]] std::optional<CipherSuite> FindCipherSuite(std::string_view name);
[[nodiscard]] std::optional<Curve> FindCurve(std::string_view name);

/// Defaults of Go, in order of preference.
[[nodiscard]] std::span<const CipherSuite> DefaultCipherSuites();
[[nodiscard]] std::span<const Curve> DefaultCurves();

/// A position in the file, counted from 1.
struct Position {
  int line = 1;
  int column = 1;

  friend bool operator==(const Position&, const Position&) = default;
};

/// Returns "3:14: what", which becomes "FILE:3:14: what".
[[nodiscard]] std::string At(Position position, std::string_view what);

/// PEM text in the configuration itself, or the file that contains it. Both are empty if not given.
struct PemSource {
  std::string text;
  std::string file;  ///< As written: relative to the folder of the configuration.
  std::string key;   ///< Its key in the configuration: "cert_file".
  Position position;

  [[nodiscard]] bool given() const { return !text.empty() || !file.empty(); }
  friend bool operator==(const PemSource&, const PemSource&) = default;
};

/// How client certificates are requested and verified.
enum class ClientAuth {
  kNone,              ///< NoClientCert.
  kRequest,           ///< RequestClientCert: requested, not verified.
  kRequireAny,        ///< RequireAnyClientCert: required, not verified.
  kVerifyIfGiven,     ///< VerifyClientCertIfGiven.
  kRequireAndVerify,  ///< RequireAndVerifyClientCert.
};

[[nodiscard]] constexpr bool RequiresCertificate(ClientAuth auth) {
  return auth == ClientAuth::kRequireAny || auth == ClientAuth::kRequireAndVerify;
}
[[nodiscard]] constexpr bool VerifiesCertificate(ClientAuth auth) {
  return auth == ClientAuth::kVerifyIfGiven || auth == ClientAuth::kRequireAndVerify;
}

struct TlsConfig {
  PemSource certificate;
  PemSource key;
  PemSource client_ca;
  ClientAuth client_auth = ClientAuth::kNone;
  std::vector<std::string> client_allowed_sans;  ///< Empty: any.
  TlsVersion min_version = TlsVersion::k12;
  TlsVersion max_version = TlsVersion::k13;
  std::vector<CipherSuite> cipher_suites;  ///< In order of preference; empty: defaults.
  bool prefer_server_cipher_suites = true;
  std::vector<Curve> curve_preferences;  ///< In order of preference; empty: defaults.
};

/// \brief  Reads the section; std::nullopt if it is empty.
/// Errors:  throws YAML::Exception with the position, like strict_yaml.h.
[[nodiscard]] std::optional<TlsConfig> ReadTlsSection(const YAML::Node& node);

}  // namespace conntrack::exporter::web
