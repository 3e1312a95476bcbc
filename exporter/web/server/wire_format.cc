#include "exporter/web/server/wire_format.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace conntrack::exporter::web {
namespace {

std::string_view Reason(int status) {
  using Entry = std::pair<int, std::string_view>;
  static constexpr std::array<Entry, 12> kReasons{{{200, "OK"},
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
  const auto found = std::find_if(kReasons.begin(), kReasons.end(),
                                  [&](const Entry& entry) { return entry.first == status; });
  return found == kReasons.end() ? std::string_view("Unknown") : found->second;
}

// Not strftime: its names of days and months follow the locale.
std::string HttpDate(std::time_t now) {
  static constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::tm utc{};
  gmtime_r(&now, &utc);
  const auto name = [](std::string_view names, int index) {
    return names.substr(static_cast<std::size_t>(index) * 3, 3);
  };
  std::array<char, 32> numbers{};
  const std::size_t day = std::strftime(numbers.data(), numbers.size(), ", %d ", &utc);
  std::string date(name(kDays, utc.tm_wday));
  date.append(numbers.data(), day).append(name(kMonths, utc.tm_mon));
  const std::size_t rest = std::strftime(numbers.data(), numbers.size(), " %Y %H:%M:%S GMT", &utc);
  return date.append(numbers.data(), rest);
}

void AppendHeader(std::string& wire, std::string_view name, std::string_view value) {
  static constexpr std::string_view kLineBreaks("\r\n\0", 3);
  if (name.find_first_of(kLineBreaks) != std::string_view::npos) return;
  if (value.find_first_of(kLineBreaks) != std::string_view::npos) return;
  wire.append(name).append(": ").append(value).append("\r\n");
}

// Whether a comma-separated header names the word.
bool Names(std::string_view list, std::string_view word) {
  while (!list.empty()) {
    const auto end = list.find(',');
    if (SameWord(Trimmed(list.substr(0, end)), word)) return true;
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  }
  return false;
}

// Whether the header stands for something that follows the head: a body, or another protocol.
bool AnnouncesMore(const HttpHeader& header) {
  if (SameWord(header.name, "Content-Length")) return header.value != "0";
  return SameWord(header.name, "Transfer-Encoding") || SameWord(header.name, "Upgrade");
}

}  // namespace

std::string ToWire(const HttpResponse& response, const Delivery& delivery) {
  std::string wire;
  constexpr std::size_t kHeadEstimate = 512;
  wire.reserve(response.body.size() + kHeadEstimate);
  wire.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  wire.append(Reason(response.status)).append("\r\n");
  AppendHeader(wire, "Date", HttpDate(delivery.now));
  AppendHeader(wire, "Content-Type", response.content_type);
  AppendHeader(wire, "Content-Length", std::to_string(response.body.size()));
  AppendHeader(wire, "X-Content-Type-Options", "nosniff");
  for (const HttpHeader& header : response.headers) AppendHeader(wire, header.name, header.value);
  AppendHeader(wire, "Connection", delivery.keep_alive ? "keep-alive" : "close");
  wire.append("\r\n");
  if (!delivery.head_only) wire.append(response.body);
  return wire;
}

bool MayKeepAlive(const HttpRequest& request) {
  if (std::any_of(request.headers.begin(), request.headers.end(), AnnouncesMore)) return false;
  const auto connection = request.Header("Connection");
  if (!connection) return request.http_version == "1.1";
  return Names(*connection, "keep-alive") && !Names(*connection, "close");
}

}  // namespace conntrack::exporter::web
