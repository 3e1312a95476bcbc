// For CivetWeb as built by Debian and Ubuntu (1.15, 1.16), which opens "libssl.so" by name and
// looks up its functions there. This fails twice: the name without a version is only in libssl-dev,
// and OpenSSL 3 has no SSL_get_peer_certificate (civetweb/civetweb issue 1334 on GitHub). This
// program, which is linked with OpenSSL, provides both.
#include <dlfcn.h>
#include <openssl/ssl.h>

#include <string_view>

#undef SSL_get_peer_certificate

// The linker exports it (CMakeLists.txt), so that CivetWeb's dlsym() finds it.
extern "C" X509* SSL_get_peer_certificate(const SSL* connection);

extern "C" X509* SSL_get_peer_certificate(const SSL* connection) {
  return SSL_get1_peer_certificate(connection);
}

// Interposes dlopen() of the C library for the whole process. For OpenSSL's two names it returns
// the program itself, which has OpenSSL loaded.
extern "C" void* dlopen(const char* name, int flags) noexcept {
  using Dlopen = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  const std::string_view asked = name == nullptr ? "" : name;
  const bool openssl = asked == "libssl.so" || asked == "libcrypto.so";
  return next(openssl ? nullptr : name, flags);
}
