#include "exporter/web/server/features.h"

#include <civetweb.h>
#include <openssl/crypto.h>
#include <sys/socket.h>

#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {

Ipv6 FindIpv6() {
  if (mg_check_feature(MG_FEATURES_IPV6) == 0) return Ipv6::kNotInCivetWeb;
  const kernel::UniqueFd fd(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return fd ? Ipv6::kAvailable : Ipv6::kNotInKernel;
}

bool TakesInheritedSockets() {
#ifdef CONNTRACK_CIVETWEB_TAKES_SOCKETS
  return true;
#else
  return false;
#endif
}

std::string Features() {
  std::string text = std::string("CivetWeb ") + mg_version();
  switch (FindIpv6()) {
    case Ipv6::kAvailable:
      text += ", IPv6";
      break;
    case Ipv6::kNotInCivetWeb:
      text += " without IPv6";
      break;
    case Ipv6::kNotInKernel:
      text += ", IPv6 (but not in this kernel)";
      break;
  }
  if (mg_check_feature(MG_FEATURES_TLS) != 0) {
    text += std::string(", TLS (OpenSSL ") + OpenSSL_version(OPENSSL_VERSION_STRING) + ")";
  }
  if (TakesInheritedSockets()) text += ", systemd sockets";
  return text;
}

}  // namespace conntrack::exporter::web
