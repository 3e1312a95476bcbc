#include "exporter/web/server/http_message.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kernel/text.h"

namespace conntrack::exporter::web {
namespace {

// Not std::tolower, which depends on the locale.
char Lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

std::string_view Reason(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 12> kReasons{
      {{200, "OK"},
       {400, "Bad Request"},
       {401, "Unauthorized"},
       {404, "Not Found"},
       {405, "Method Not Allowed"},
       {408, "Request Timeout"},
       {411, "Length Required"},
       {429, "Too Many Requests"},
       {431, "Request Header Fields Too Large"},
       {500, "Internal Server Error"},
       {503, "Service Unavailable"},
       {505, "HTTP Version Not Supported"}}};
  for (const auto& [code, reason] : kReasons) {
    if (code == status) return reason;
  }
  return "Unknown";
}

std::string HttpDate(std::time_t now) {
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 64> text{};  // names are in English, as nothing calls setlocale(3)
  return {text.data(), std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

void AppendHeader(std::string& wire, std::string_view name, std::string_view value) {
  static constexpr std::string_view kLineBreaks("\r\n\0", 3);
  if (name.find_first_of(kLineBreaks) != std::string_view::npos) return;
  if (value.find_first_of(kLineBreaks) != std::string_view::npos) return;
  wire.append(name).append(": ").append(value).append("\r\n");
}

// Whether a comma-separated header contains the word.
bool ListContains(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    if (SameWord(Trimmed(kernel::TakeUntil(list, ',')), word)) return true;
  }
  return false;
}

// Whether the header announces something after the head: a body, or another protocol.
bool AnnouncesMore(const HttpHeader& header) {
  if (SameWord(header.name, "Content-Length")) return header.value != "0";
  return SameWord(header.name, "Transfer-Encoding") || SameWord(header.name, "Upgrade");
}

std::optional<std::string> DecodeField(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return PercentDecode(spaced);
}

std::optional<QueryParameter> ParseParameter(std::string_view text) {
  auto name = DecodeField(kernel::TakeUntil(text, '='));
  auto value = DecodeField(text);
  if (!name || !value) return std::nullopt;
  return QueryParameter{std::move(*name), std::move(*value)};
}

// Matches "host", "host:80", "[::1]:80", "user@host".
bool IsAuthority(std::string_view text) {
  const auto colon = text.rfind(':');
  if (text.empty() || colon == 0) return false;
  if (colon == std::string_view::npos || text.find(']', colon) != std::string_view::npos) {
    return true;
  }
  return text.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

}  // namespace

std::string SerializeResponse(const HttpResponse& response, const Framing& framing) {
  std::string wire;
  constexpr std::size_t kHeadEstimate = 512;
  wire.reserve(response.body.size() + kHeadEstimate);
  wire.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  wire.append(Reason(response.status)).append("\r\n");
  AppendHeader(wire, "Date", HttpDate(framing.now));
  AppendHeader(wire, "Content-Type", response.content_type);
  AppendHeader(wire, "Content-Length", std::to_string(response.body.size()));
  AppendHeader(wire, "X-Content-Type-Options", "nosniff");
  for (const HttpHeader& header : response.headers) AppendHeader(wire, header.name, header.value);
  AppendHeader(wire, "Connection", framing.keep_alive ? "keep-alive" : "close");
  wire.append("\r\n");
  if (!framing.head_only) wire.append(response.body);
  return wire;
}

bool MayKeepAlive(const HttpRequest& request) {
  if (std::any_of(request.headers.begin(), request.headers.end(), AnnouncesMore)) return false;
  const auto connection = request.Header("Connection");
  if (!connection) return request.http_version == "1.1";
  return ListContains(*connection, "keep-alive") && !ListContains(*connection, "close");
}

std::optional<std::string_view> PathOfTarget(std::string_view method, std::string_view target) {
  if (target.starts_with('/')) return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!SameWord(target.substr(0, scheme.size()), scheme)) continue;
    const auto slash = std::min(target.find('/', scheme.size()), target.size());
    if (!IsAuthority(target.substr(scheme.size(), slash - scheme.size()))) break;
    return slash == target.size() ? "/" : target.substr(slash);
  }
  if (method == "GET" || method == "HEAD") return std::nullopt;
  return target;
}

bool SameWord(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view Trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string_view> HttpRequest::Header(std::string_view name) const {
  for (const HttpHeader& header : headers) {
    if (SameWord(header.name, name)) return header.value;
  }
  return std::nullopt;
}

HttpResponse PlainText(int status, std::string body) {
  return HttpResponse{status, "text/plain; charset=utf-8", std::move(body), {}};
}

HttpResponse TryAgainLater(std::string body) {
  auto response = PlainText(503, std::move(body));
  response.headers.push_back({"Retry-After", "1"});
  return response;
}

std::string Printable(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  std::string shown(text.substr(0, kLongest));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > kLongest) shown += "...";
  return shown;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    const auto byte = kernel::ParseNumber<unsigned char>(digits, 16);
    if (digits.size() != 2 || !byte) return std::nullopt;
    decoded += static_cast<char>(*byte);
    i += 2;
  }
  return decoded;
}

std::optional<std::vector<QueryParameter>> ParseQuery(std::string_view query) {
  std::vector<QueryParameter> parameters;
  while (!query.empty()) {
    const std::string_view text = kernel::TakeUntil(query, '&');
    if (text.empty()) continue;
    auto parameter = ParseParameter(text);
    if (!parameter || parameters.size() == kMaxQueryParameters) return std::nullopt;
    parameters.push_back(std::move(*parameter));
  }
  return parameters;
}

}  // namespace conntrack::exporter::web
