// What --web.config.file says: the format that all exporters built with Prometheus's
// exporter-toolkit share.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/web/config/tls_names.h"
#include "exporter/web/server/http_message.h"
#include "kernel/result.h"

namespace conntrack::exporter::web {

/// A place in the file, counted from 1.
struct Position {
  int line = 1;
  int column = 1;

  friend bool operator==(const Position&, const Position&) = default;
};

/// "3:14: what", which becomes "FILE:3:14: what".
[[nodiscard]] std::string At(Position position, std::string_view what);

/// PEM in the configuration itself, or the file that has it. Neither is set where nothing was
/// given.
struct PemSource {
  std::string text;
  std::string file;  ///< As written: relative to the folder of the configuration.
  Position position;

  [[nodiscard]] bool given() const { return !text.empty() || !file.empty(); }
  friend bool operator==(const PemSource&, const PemSource&) = default;
};

/// What is asked of a client's certificate.
enum class ClientAuth {
  kNone,              ///< NoClientCert.
  kRequest,           ///< RequestClientCert: asked for, not looked at.
  kRequireAny,        ///< RequireAnyClientCert: there must be one, whoever signed it.
  kVerifyIfGiven,     ///< VerifyClientCertIfGiven.
  kRequireAndVerify,  ///< RequireAndVerifyClientCert.
};

struct TlsConfig {
  PemSource certificate;
  PemSource key;
  PemSource client_ca;
  ClientAuth client_auth = ClientAuth::kNone;
  std::vector<std::string> client_allowed_sans;  ///< Empty: any.
  TlsVersion min_version = TlsVersion::k12;
  TlsVersion max_version = TlsVersion::k13;
  std::vector<CipherSuite> cipher_suites;  ///< In order of preference; empty: the defaults.
  bool prefer_server_cipher_suites = true;
  std::vector<Curve> curve_preferences;  ///< Likewise.
};

/// A token bucket: `burst` requests at once, one more each `interval`.
struct RateLimitConfig {
  std::chrono::nanoseconds interval{0};
  int burst = 0;

  friend bool operator==(const RateLimitConfig&, const RateLimitConfig&) = default;
};

/// Name and bcrypt hash.
using Users = std::map<std::string, std::string>;

struct WebConfig {
  std::optional<TlsConfig> tls;               ///< Absent: plain HTTP.
  bool http2_asked_for = false;               ///< `http2: true` stands there. There is no HTTP/2.
  std::vector<HttpHeader> headers;            ///< Sent with every answer.
  Users users;                                ///< Empty: everybody may ask.
  std::optional<RateLimitConfig> rate_limit;  ///< Absent: none.
};

/// \brief  Reads a configuration. Empty text is valid and changes nothing.
///
/// Strict: a key that is unknown or stands twice, a value of the wrong type, and anything that this
/// server could not do is an error, never ignored. Nothing is opened; see web_config_files.h.
/// Errors:  kMalformed; the message begins with line and column: "3:5: unknown key \"foo\" ...". No
/// message holds a key or a hash.
[[nodiscard]] Result<WebConfig> ParseWebConfig(std::string_view text);

}  // namespace conntrack::exporter::web
