#include "exporter/web/civetweb_openssl.h"

#include <civetweb.h>
#include <dlfcn.h>
#include <openssl/ssl.h>

#include <string_view>

#undef SSL_get_peer_certificate

// The linker is told to export it (CMakeLists.txt), so that CivetWeb's dlsym() finds it.
extern "C" X509* SSL_get_peer_certificate(const SSL* connection);

extern "C" X509* SSL_get_peer_certificate(const SSL* connection) {
  return SSL_get1_peer_certificate(connection);
}

// Stands before the C library's function for all libraries of this process, and changes it for two
// names: whoever asks for OpenSSL gets the one that is loaded, as part of the whole process.
extern "C" void* dlopen(const char* name, int flags) noexcept {
  using Dlopen = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  const std::string_view asked = name == nullptr ? "" : name;
  const bool openssl = asked == "libssl.so" || asked == "libcrypto.so";
  return next(openssl ? nullptr : name, flags);
}

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
