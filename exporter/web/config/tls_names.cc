#include "exporter/web/config/tls_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace conntrack::exporter::web {
namespace {

// AEAD before CBC, AES before ChaCha20, as Go prefers them on machines with AES instructions. The
// last four, without forward secrecy, are only there for who names them.
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

}  // namespace conntrack::exporter::web
