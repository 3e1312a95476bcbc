#include "exporter/web/client/http_url.h"

#include <algorithm>

#include "exporter/web/server/http_message.h"
#include "exporter/web/server/listen_address.h"
#include "exporter/web/server/tcp_sockets.h"

namespace conntrack::exporter::web {
namespace {

constexpr std::string_view kHealthPath = "/-/healthy";
constexpr std::string_view kExample = "write http://127.0.0.1:10318/-/healthy";

tl::unexpected<Error> Malformed(std::string_view text, std::string_view what,
                                std::string_view remedy = kExample) {
  std::string message = "URL \"" + Printable(text) + "\": ";
  return Fail(ErrorKind::kMalformed, message.append(what), std::string(remedy));
}

// Cuts the scheme off the front of `rest`: "http".
std::string_view TakeScheme(std::string_view& rest) {
  constexpr std::string_view kSeparator = "://";
  const auto end = rest.find(kSeparator);
  if (end == std::string_view::npos) return {};
  const auto scheme = rest.substr(0, end);
  rest.remove_prefix(end + kSeparator.size());
  return scheme;
}

// The brackets of an IPv6 address have colons of their own.
bool NamesPort(std::string_view authority) {
  const auto colon = authority.rfind(':');
  const auto bracket = authority.rfind(']');
  if (colon == std::string_view::npos) return false;
  return bracket == std::string_view::npos || colon > bracket;
}

// What would end the request line, or is no part of a URL anyway.
bool IsUnfit(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte <= ' ' || byte >= 0x7f || c == '#';
}

}  // namespace

Result<HttpUrl> ParseHttpUrl(std::string_view text) {
  std::string_view rest = text;
  if (std::any_of(rest.begin(), rest.end(), IsUnfit)) {
    return Malformed(text, "a character that is none of a URL");
  }
  const auto scheme = TakeScheme(rest);
  const bool tls = SameWord(scheme, "https");
  if (!tls && !SameWord(scheme, "http")) {
    return Malformed(text, "does not begin with http:// or https://");
  }
  const auto end = std::min(rest.find_first_of("/?"), rest.size());
  std::string authority(rest.substr(0, end));
  std::string target(rest.substr(end));
  if (authority.find('@') != std::string::npos) {
    return Malformed(text, "a user in a URL can be read by everyone on this machine",
                     "leave it out: an answer of 401 counts as healthy");
  }
  if (!NamesPort(authority)) authority += tls ? ":443" : ":80";
  auto address = ParseListenAddress(authority);
  if (!address || address->host.empty() || address->port == 0) {
    return Malformed(text, "the host or the port is none");
  }
  if (target.empty()) target = kHealthPath;
  if (target.front() == '?') target.insert(target.begin(), '/');
  return HttpUrl{std::move(address->host), address->port, address->ipv6, std::move(target), tls};
}

Result<HttpUrl> HealthUrlOf(std::string_view listen_address) {
  auto address = ParseListenAddress(listen_address);
  if (!address) return Fail(address.error());
  if (address->port == 0) {
    return Fail(ErrorKind::kMalformed,
                "listen address \"" + Printable(listen_address) +
                    "\" does not tell the port: the kernel chooses it",
                "say it with --url, or listen on a port that is fixed");
  }
  HttpUrl url{std::move(address->host), address->port, address->ipv6, std::string(kHealthPath),
              false};
  if (url.host.empty() || url.host == "0.0.0.0") url.host = "127.0.0.1";
  if (url.host == "::") url.host = "::1";
  return url;
}

std::string ToString(const HttpUrl& url) {
  return (url.tls ? "https://" : "http://") + FormatAddress(url.host, url.port, url.ipv6) +
         url.target;
}

}  // namespace conntrack::exporter::web
