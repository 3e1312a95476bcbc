// The names of TLS versions, cipher suites and curves as Go and IANA write them, and as OpenSSL
// does.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace conntrack::exporter::web {

/// The values are those of the protocol, which are OpenSSL's too (TLS1_VERSION ...).
enum class TlsVersion { k10 = 0x0301, k11 = 0x0302, k12 = 0x0303, k13 = 0x0304 };

struct CipherSuite {
  std::string_view name;     ///< IANA's, and Go's.
  std::string_view openssl;  ///< For SSL_CTX_set_cipher_list(), or _ciphersuites() where `tls13`.
  bool tls13 = false;

  friend bool operator==(const CipherSuite&, const CipherSuite&) = default;
};

struct Curve {
  std::string_view name;
  std::string_view openssl;  ///< For SSL_CTX_set1_groups_list().

  friend bool operator==(const Curve&, const Curve&) = default;
};

/// "TLS10" to "TLS13".
[[nodiscard]] std::optional<TlsVersion> FindTlsVersion(std::string_view name);

/// Those that Go calls secure, and the four with RSA key exchange that it did until 1.22. RC4, 3DES
/// and the CBC suites with SHA-256 are unknown here as they are to the toolkit.
[[nodiscard]] std::optional<CipherSuite> FindCipherSuite(std::string_view name);
[[nodiscard]] std::optional<Curve> FindCurve(std::string_view name);

/// Where the configuration names none: what Go's defaults are, in the order of preference.
[[nodiscard]] std::span<const CipherSuite> DefaultCipherSuites();
[[nodiscard]] std::span<const Curve> DefaultCurves();

}  // namespace conntrack::exporter::web
