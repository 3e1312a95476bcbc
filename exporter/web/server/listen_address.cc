#include "exporter/web/server/listen_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <span>
#include <utility>

#include "exporter/web/server/http_message.h"
#include "exporter/web/server/tcp_sockets.h"
#include "kernel/text.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {
namespace {

tl::unexpected<Error> Malformed(std::string_view text, std::string_view what) {
  std::string message = "listen address \"" + Printable(text) + "\": ";
  return Fail(ErrorKind::kMalformed, message.append(what),
              "write :10318, 10.0.0.1:10318, localhost:10318 or [::1]:10318");
}

bool IsAddress(int family, const std::string& host) {
  in6_addr address{};  // large enough for both families
  return inet_pton(family, host.c_str(), &address) == 1;
}

// Such a host is not looked up: after a typing error, a resolver might wait for a name server.
bool LooksNumeric(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool LooksLikeName(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

// Names used in practice; the kernel accepts more.
bool LooksLikeInterface(std::string_view name) {
  return !name.empty() && name.size() < IFNAMSIZ && LooksLikeName(name);
}

// "fe80::1%eth0" names the interface of a link-local address.
std::string_view Ipv6Complaint(const std::string& host) {
  const auto percent = host.find('%');
  if (!IsAddress(AF_INET6, host.substr(0, percent)))
    return "between the brackets is no IPv6 address";
  if (percent == std::string::npos || LooksLikeInterface(host.substr(percent + 1))) return "";
  return "behind the % is no name of an interface";
}

// Returns what is wrong with the host; empty if it is valid.
std::string_view Complaint(const ListenAddress& address) {
  if (address.ipv6) return Ipv6Complaint(address.host);
  if (address.host.find(':') != std::string::npos) return "an IPv6 address goes in brackets";
  if (!LooksLikeName(address.host)) return "the host is neither an address nor a name";
  if (!address.host.empty() && LooksNumeric(address.host) && !IsAddress(AF_INET, address.host)) {
    return "the host is no IPv4 address";
  }
  return "";
}

using kernel::UniqueFd;
using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Error NoIpv6(const ListenAddress& address, Ipv6 ipv6) {
  const std::string what = "listening on " + address.text + ": ";
  if (ipv6 == Ipv6::kNotInKernel) {
    return Error{ErrorKind::kAbsent, EAFNOSUPPORT, what + "this kernel runs without IPv6",
                 "listen on an IPv4 address or on all of them (:PORT), or boot without "
                 "ipv6.disable=1"};
  }
  return Error{ErrorKind::kAbsent, EAFNOSUPPORT, what + "this CivetWeb is built without IPv6",
               "listen on an IPv4 address or on all of them (:PORT), or build with "
               "CONNTRACK_CIVETWEB=source (scripts/fetch-sources gets it)"};
}

Result<AddressList> LookUp(const ListenAddress& address, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV | (address.ipv6 ? AI_NUMERICHOST : 0);
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                 std::to_string(address.port).c_str(), &hints, &found);
  if (failed != 0) {
    // With a numeric address, only the interface can be wrong.
    return Fail(ErrorKind::kMalformed,
                "listening on " + address.text +
                    (address.ipv6 ? ": no such interface, or no link-local address: "
                                  : ": no address for this name: ") +
                    gai_strerror(failed),
                "use a numeric address, or :PORT for all of them");
  }
  return AddressList(found, &freeaddrinfo);
}

Result<AddressList> Resolve(const ListenAddress& address, Ipv6 ipv6) {
  // An empty host means all addresses: one IPv6 socket covers both families, if there is IPv6.
  if (address.host.empty()) {
    return LookUp(address, ipv6 == Ipv6::kAvailable ? AF_INET6 : AF_INET);
  }
  if (!address.ipv6) {
    if (auto found = LookUp(address, AF_INET)) return found;
  } else if (ipv6 != Ipv6::kAvailable) {
    return Fail(NoIpv6(address, ipv6));
  }
  auto found = LookUp(address, AF_INET6);
  if (found && ipv6 != Ipv6::kAvailable) return Fail(NoIpv6(address, ipv6));
  return found;
}

// Returns a listening socket with the same options as CivetWeb's.
Result<UniqueFd> Listen(const addrinfo& where, const ListenAddress& address) {
  UniqueFd fd(socket(where.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1, only_ipv6 = address.host.empty() ? 0 : 1;
  if (!fd) return Fail(ListenError(errno, address.text));
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (where.ai_family == AF_INET6) {
    setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, sizeof only_ipv6);
  }
  // A second bind fails only after listen(): with SO_REUSEADDR, two sockets may share a port until
  // one of them listens.
  if (bind(fd.get(), where.ai_addr, where.ai_addrlen) != 0 || listen(fd.get(), 1) != 0) {
    return Fail(ListenError(errno, address.text));
  }
  return fd;
}

bool IsEveryAddress(const ListenAddress& address) {
  return address.host.empty() || address.host == "0.0.0.0" || address.host == "::";
}

// Whether two sockets cannot use these addresses at the same time.
bool Overlap(const ListenAddress& one, const ListenAddress& other) {
  if (one.port != other.port || one.port == 0) return false;
  if (one.host.empty() || other.host.empty()) return true;
  return one.ipv6 == other.ipv6 &&
         (one.host == other.host || IsEveryAddress(one) || IsEveryAddress(other));
}

// Returns the error, with a better message if an earlier address in the list uses the port.
Error Explain(Error error, const ListenAddress& address, std::span<const ListenAddress> held) {
  if (error.code != EADDRINUSE) return error;
  const auto rival = std::find_if(
      held.begin(), held.end(), [&address](const auto& other) { return Overlap(address, other); });
  if (rival == held.end()) return error;
  error.message = "listening on " + address.text + ": " +
                  (rival->text == address.text ? "this address is given twice"
                                               : rival->text + ", given as well, includes it");
  error.remedy = "give one of the two with --web.listen-address";
  return error;
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const auto colon = text.rfind(':');
  const bool port_only = colon == std::string_view::npos;
  std::string_view host = port_only ? std::string_view() : text.substr(0, colon);
  const bool brackets = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (!host.empty() && host.front() == '[' && !brackets) {
    return Malformed(text, "a port must follow the brackets");
  }
  if (brackets) host = host.substr(1, host.size() - 2);

  const auto port = kernel::ParseNumber<std::uint16_t>(port_only ? text : text.substr(colon + 1));
  if (!port) return Malformed(text, "the port is not a number from 0 to 65535");
  ListenAddress address{std::string(text), std::string(host), *port, brackets};
  if (const auto complaint = Complaint(address); !complaint.empty()) {
    return Malformed(text, complaint);
  }
  return address;
}

Error ListenError(int code, const std::string& address) {
  Error error = ErrorFromErrno(code, "listening on " + address);
  if (code == EADDRINUSE) {
    error.kind = ErrorKind::kBusy;
    error.remedy =
        "another process has this port (`ss -ltnp` names it); stop it or choose another with "
        "--web.listen-address";
  } else if (error.kind == ErrorKind::kDenied) {
    error.remedy =
        "ports below net.ipv4.ip_unprivileged_port_start (1024) need CAP_NET_BIND_SERVICE; choose "
        "a higher one";
  } else if (code == EADDRNOTAVAIL) {
    error.kind = ErrorKind::kAbsent;
    error.remedy =
        "no interface of this host has that address (`ip address` lists them); :PORT listens on "
        "all";
  } else if (code == EINVAL) {
    error.kind = ErrorKind::kMalformed;
    error.remedy =
        "a link-local address needs its interface ([fe80::1%eth0]:PORT), and an IPv4 address is "
        "written as one";
  }
  return error;
}

Result<std::vector<ListenAddress>> CheckListenable(std::vector<ListenAddress> addresses,
                                                   Ipv6 ipv6) {
  std::vector<UniqueFd> held;
  for (ListenAddress& address : addresses) {
    const auto resolved = Resolve(address, ipv6);
    if (!resolved) return Fail(resolved.error());
    const addrinfo& where = **resolved;
    if (!address.host.empty()) {
      address.host = NumericHost(where.ai_addr, where.ai_addrlen);
      address.ipv6 = where.ai_family == AF_INET6;
    }
    auto fd = Listen(where, address);
    if (!fd) return Fail(Explain(fd.error(), address, {addresses.data(), held.size()}));
    held.push_back(std::move(*fd));
  }
  return addresses;
}

}  // namespace conntrack::exporter::web
