#include "exporter/web/config/web_config.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "exporter/web/config/strict_yaml.h"
#include "exporter/web/users/authenticator.h"

namespace conntrack::exporter::web {
namespace {

using Unit = std::pair<std::string_view, double>;

// If one name begins with another, the longer comes first.
constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1e3},
                                      {"\u00b5s", 1e3},  // micro sign
                                      {"\u03bcs", 1e3},  // Greek mu, which Go also accepts
                                      {"ms", 1e6},
                                      {"s", 1e9},
                                      {"m", 60e9},
                                      {"h", 3600e9}}};
constexpr double kLongestDuration = 365 * 24 * 3600e9;

// Removes "1.5" from the front. from_chars alone would also accept "inf", "nan", "-1" and "1e9".
std::optional<double> TakeNumber(std::string_view& rest) {
  const auto length = std::min(rest.find_first_not_of("0123456789."), rest.size());
  double number = 0;
  const auto parsed = std::from_chars(rest.data(), rest.data() + length, number);
  if (parsed.ec != std::errc() || parsed.ptr != rest.data() + length) return std::nullopt;
  rest.remove_prefix(length);
  return number;
}

std::optional<double> TakeUnit(std::string_view& rest) {
  for (const auto& [name, nanoseconds] : kUnits) {
    if (!rest.starts_with(name)) continue;
    rest.remove_prefix(name.size());
    return nanoseconds;
  }
  return std::nullopt;
}

using yaml::Refuse;

struct AllowedHeader {
  std::string_view name;
  std::array<std::string_view, 2> values;  // both empty: any
};

constexpr std::array<AllowedHeader, 5> kHeaders{{{"Strict-Transport-Security", {}},
                                                 {"X-Content-Type-Options", {"nosniff", "nosniff"}},
                                                 {"X-Frame-Options", {"deny", "sameorigin"}},
                                                 {"X-XSS-Protection", {}},
                                                 {"Content-Security-Policy", {}}}};

void ReadHeader(const std::string& name, const YAML::Node& node, std::vector<HttpHeader>& headers) {
  const auto allowed = std::find_if(kHeaders.begin(), kHeaders.end(),
                                    [&](const AllowedHeader& one) { return one.name == name; });
  if (allowed == kHeaders.end()) {
    std::string names;
    for (const auto& one : kHeaders) names.append(names.empty() ? "" : ", ").append(one.name);
    Refuse(node, "this HTTP header cannot be configured; those that can are: " + names);
  }
  const std::string value = yaml::Text(node, name);
  if (value.empty()) return;  // "unset if blank"
  const auto& values = allowed->values;
  if (!values[0].empty() && std::find(values.begin(), values.end(), value) == values.end()) {
    Refuse(node, "invalid value of " + name + "; it may be: " + std::string(values[0]) +
                     (values[0] == values[1] ? "" : ", " + std::string(values[1])));
  }
  if (std::any_of(value.begin(), value.end(), [](char c) { return c < ' ' || c > '~'; })) {
    Refuse(node, "the value of " + name + " contains a character that is not allowed in headers");
  }
  headers.push_back({name, value});
}

void ReadHttp(const YAML::Node& node, WebConfig& config) {
  yaml::CheckMapping(node, "http_server_config", {"http2", "headers"});
  config.http2_asked_for = yaml::Bool(yaml::ValueOf(node, "http2"), "http2", false);
  const YAML::Node headers = yaml::ValueOf(node, "headers");
  yaml::CheckMapping(headers, "headers");
  for (const auto& entry : headers) ReadHeader(entry.first.Scalar(), entry.second, config.headers);
}

constexpr const char* kMakeHash = "make one with htpasswd -n -B -C 10 \"\"";

void ReadUser(const std::string& name, const YAML::Node& node, Users& users) {
  const std::string hash = yaml::Text(node, "basic_auth_users");
  if (name.find(':') != std::string::npos) {
    Refuse(node,
           "the name of this user contains a colon, which basic authentication does not allow");
  }
  if (!IsBcryptHash(hash)) {
    Refuse(node,
           std::string("the password of this user is not a bcrypt hash ($2a$, $2b$ or $2y$); ") +
               kMakeHash);
  }
  if (const int cost = BcryptCost(hash); cost > kMaxBcryptCost) {
    Refuse(node, "the password of this user has bcrypt cost " + std::to_string(cost) + "; above " +
                     std::to_string(kMaxBcryptCost) +
                     ", about a second a check, others would wait too long; " + kMakeHash);
  }
  users.emplace(name, hash);
}

std::chrono::nanoseconds ReadInterval(const YAML::Node& node) {
  const std::string text = yaml::Text(node, "interval");
  if (text.empty()) return std::chrono::nanoseconds(0);
  const auto interval = ParseGoDuration(text);
  if (!interval) {
    Refuse(node, "interval is not a duration; write 1s, 250ms or 1m30s");
  }
  return *interval;
}

std::optional<RateLimitConfig> ReadRateLimit(const YAML::Node& node) {
  yaml::CheckMapping(node, "rate_limit", {"interval", "burst"});
  const RateLimitConfig limit{ReadInterval(yaml::ValueOf(node, "interval")),
                              yaml::Integer(yaml::ValueOf(node, "burst"), "burst")};
  if (limit.burst < 0) Refuse(node, "burst is negative");
  if (limit.interval.count() == 0) return std::nullopt;
  if (limit.burst == 0) Refuse(node, "rate_limit needs a burst of at least 1");
  return limit;
}

WebConfig Read(std::string_view text) {
  const YAML::Node document = yaml::OnlyDocument(std::string(text));
  yaml::CheckMapping(document, "the configuration",
                     {"tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"});
  WebConfig config;
  config.tls = ReadTlsSection(yaml::ValueOf(document, "tls_server_config"));
  ReadHttp(yaml::ValueOf(document, "http_server_config"), config);
  const YAML::Node users = yaml::ValueOf(document, "basic_auth_users");
  yaml::CheckMapping(users, "basic_auth_users");
  for (const auto& entry : users) ReadUser(entry.first.Scalar(), entry.second, config.users);
  config.rate_limit = ReadRateLimit(yaml::ValueOf(document, "rate_limit"));
  return config;
}

}  // namespace

std::optional<std::chrono::nanoseconds> ParseGoDuration(std::string_view text) {
  if (text == "0") return std::chrono::nanoseconds(0);
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const auto number = TakeNumber(text);
    const auto unit = number ? TakeUnit(text) : std::nullopt;
    if (!unit) return std::nullopt;
    total += *number * *unit;
  }
  if (!(total <= kLongestDuration)) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::chrono::nanoseconds::rep>(total));
}

Result<WebConfig> ParseWebConfig(std::string_view text) {
  try {
    return Read(text);
  } catch (const YAML::Exception& error) {
    return Fail(ErrorKind::kMalformed, At(yaml::Place(error.mark), yaml::What(error)));
  }
}

}  // namespace conntrack::exporter::web
