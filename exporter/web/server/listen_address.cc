#include "exporter/web/server/listen_address.h"

#include <arpa/inet.h>
#include <net/if.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "exporter/web/server/printable.h"

namespace conntrack::exporter::web {
namespace {

tl::unexpected<Error> Malformed(std::string_view text, std::string_view what) {
  std::string message = "listen address \"" + Printable(text) + "\": ";
  return Fail(ErrorKind::kMalformed, message.append(what),
              "write :10318, 10.0.0.1:10318, localhost:10318 or [::1]:10318");
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, port);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return port;
}

bool IsAddress(int family, const std::string& host) {
  in6_addr address{};  // the larger of the two
  return inet_pton(family, host.c_str(), &address) == 1;
}

// Looks like 10.0.0.1; a resolver must not get the chance to wait for a name server over a typing
// error.
bool LooksNumeric(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

bool LooksLikeName(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  });
}

// As interfaces are called in practice; the kernel would take more.
bool LooksLikeInterface(std::string_view name) {
  return !name.empty() && name.size() < IFNAMSIZ && LooksLikeName(name);
}

// "fe80::1%eth0" says on which interface a link-local address is meant.
std::string_view Ipv6Complaint(const std::string& host) {
  const auto percent = host.find('%');
  if (!IsAddress(AF_INET6, host.substr(0, percent)))
    return "between the brackets is no IPv6 address";
  if (percent == std::string::npos || LooksLikeInterface(host.substr(percent + 1))) return "";
  return "behind the % is no name of an interface";
}

// What is wrong with the host; empty where nothing is.
std::string_view Complaint(const ListenAddress& address) {
  if (address.ipv6) return Ipv6Complaint(address.host);
  if (address.host.find(':') != std::string::npos) return "an IPv6 address goes in brackets";
  if (!LooksLikeName(address.host)) return "the host is neither an address nor a name";
  if (!address.host.empty() && LooksNumeric(address.host) && !IsAddress(AF_INET, address.host)) {
    return "the host is no IPv4 address";
  }
  return "";
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

  const auto port = ParsePort(port_only ? text : text.substr(colon + 1));
  if (!port) return Malformed(text, "the port is no number from 0 to 65535");
  ListenAddress address{std::string(text), std::string(host), *port, brackets};
  if (const auto complaint = Complaint(address); !complaint.empty()) {
    return Malformed(text, complaint);
  }
  return address;
}

std::string FormatAddress(std::string_view host, std::uint16_t port, bool ipv6) {
  std::string text(ipv6 ? "[" : "");
  return text.append(host).append(ipv6 ? "]:" : ":").append(std::to_string(port));
}

}  // namespace conntrack::exporter::web
