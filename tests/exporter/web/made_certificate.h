// Certificates that sign themselves, made for a test.
#pragma once

#include <string>

namespace conntrack::exporter::web::test {

struct MadeCertificate {
  std::string certificate;  ///< PEM.
  std::string key;          ///< PEM.
};

/// `alt_names` as openssl's configuration has them: "DNS:a.example,IP:192.0.2.1"; empty: none.
[[nodiscard]] MadeCertificate MakeCertificate(const std::string& common_name,
                                              const std::string& alt_names = "");

}  // namespace conntrack::exporter::web::test
