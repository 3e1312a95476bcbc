// The least of a web configuration that switches TLS on.
#pragma once

#include <string>

namespace conntrack::exporter::web::test {

inline const std::string kTlsSection =
    "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n";

}  // namespace conntrack::exporter::web::test
