// For CivetWeb as Debian and Ubuntu build it (1.15, 1.16), which opens "libssl.so" by name and
// looks its functions up there. That fails twice: the name without a version is in libssl-dev only,
// and OpenSSL 3 has no SSL_get_peer_certificate any more (civetweb/civetweb issue 1334 on GitHub).
// This program, which is linked with OpenSSL, provides both.
#include <dlfcn.h>
#include <openssl/ssl.h>

#include <string_view>

#undef SSL_get_peer_certificate

// The linker is told to export it (CMakeLists.txt), so that CivetWeb's dlsym() finds it.
extern "C" X509* SSL_get_peer_certificate(const SSL* connection);

extern "C" X509* SSL_get_peer_certificate(const SSL* connection) {
  return SSL_get1_peer_certificate(connection);
}

// Interposes the C library's dlopen() for the whole process: for OpenSSL's two names it yields the
// program itself, which has OpenSSL loaded.
extern "C" void* dlopen(const char* name, int flags) noexcept {
  using Dlopen = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  const std::string_view asked = name == nullptr ? "" : name;
  const bool openssl = asked == "libssl.so" || asked == "libcrypto.so";
  return next(openssl ? nullptr : name, flags);
}
