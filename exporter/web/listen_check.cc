#include "exporter/web/listen_check.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <utility>

#include "collectors/kernel/unique_fd.h"

namespace conntrack::exporter::web {
namespace {

using kernel::UniqueFd;
using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Error NoIpv6(const std::string& address) {
  return Error{ErrorKind::kAbsent, EAFNOSUPPORT,
               "listening on " + address + ": this CivetWeb is built without IPv6",
               "listen on an IPv4 address or on all of them (:10318), or link a CivetWeb built "
               "with USE_IPV6 (Debian's is not)"};
}

Result<AddressList> Resolve(const ListenAddress& address, bool ipv6) {
  addrinfo hints{};
  // An empty host means every address: one IPv6 socket takes both families, where there is one.
  hints.ai_family = address.ipv6 || (address.host.empty() && ipv6) ? AF_INET6 : AF_INET;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                 std::to_string(address.port).c_str(), &hints, &found);
  if (failed != 0) {
    return Fail(
        ErrorKind::kMalformed,
        "listening on " + address.text + ": no IPv4 address for this name: " + gai_strerror(failed),
        "use a numeric address, or :PORT for all of them");
  }
  return AddressList(found, &freeaddrinfo);
}

// A socket that listens, with the options CivetWeb sets.
Result<UniqueFd> Listen(const addrinfo& where, const std::string& text) {
  UniqueFd fd(socket(where.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1, off = 0;
  if (!fd) return Fail(ListenError(errno, text));
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (where.ai_family == AF_INET6) {
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  // Only listen() makes a second bind fail: two sockets with SO_REUSEADDR may share a port until
  // one listens.
  if (bind(fd.get(), where.ai_addr, where.ai_addrlen) != 0 || listen(fd.get(), 1) != 0) {
    return Fail(ListenError(errno, text));
  }
  return fd;
}

std::string NumericHost(const addrinfo& where) {
  const auto* address = reinterpret_cast<const sockaddr_in*>(where.ai_addr);
  char text[INET_ADDRSTRLEN] = {};
  inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
  return text;
}

}  // namespace

Error ListenError(int code, const std::string& address) {
  Error error = ErrorFromErrno(code, "listening on " + address);
  if (code == EADDRINUSE) {
    error.kind = ErrorKind::kBusy;
    error.remedy =
        "another process has this port (`ss -ltnp` names it), or the address is given twice; stop "
        "it or choose another with --web.listen-address";
  } else if (error.kind == ErrorKind::kDenied) {
    error.remedy =
        "ports below net.ipv4.ip_unprivileged_port_start (1024) need CAP_NET_BIND_SERVICE; choose "
        "a higher one";
  } else if (code == EADDRNOTAVAIL) {
    error.kind = ErrorKind::kAbsent;
    error.remedy =
        "no interface of this host has that address (`ip address` lists them); :PORT listens on "
        "all";
  }
  return error;
}

Result<std::vector<ListenAddress>> CheckListenable(std::vector<ListenAddress> addresses,
                                                   bool ipv6) {
  std::vector<UniqueFd> held;
  for (ListenAddress& address : addresses) {
    if (address.ipv6 && !ipv6) return Fail(NoIpv6(address.text));
    const auto resolved = Resolve(address, ipv6);
    if (!resolved) return Fail(resolved.error());
    auto fd = Listen(**resolved, address.text);
    if (!fd) return Fail(fd.error());
    if (!address.host.empty() && !address.ipv6) address.host = NumericHost(**resolved);
    held.push_back(std::move(*fd));
  }
  return addresses;
}

}  // namespace conntrack::exporter::web
