#include "exporter/web/server/civetweb_openssl.h"

#include <civetweb.h>

namespace conntrack::exporter::web {

Result<void> PrepareCivetWebTls() {
  static const bool ready = (mg_init_library(MG_FEATURES_TLS) & MG_FEATURES_TLS) != 0;
  if (!ready) {
    return Fail(ErrorKind::kAbsent, "this CivetWeb cannot do TLS with this OpenSSL",
                "remove tls_server_config, or link a CivetWeb built with TLS");
  }
  return {};
}

}  // namespace conntrack::exporter::web
