// Requests, queries, and responses, independent of any HTTP library.
#pragma once

#include <cstddef>
#include <ctime>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack::exporter::web {

struct HttpHeader {
  std::string name;
  std::string value;

  friend bool operator==(const HttpHeader&, const HttpHeader&) = default;
};

/// A request as sent by the client. All bytes are controlled by the client: do not trust them until
/// compared with known values.
struct HttpRequest {
  std::string method;        ///< As sent: "GET".
  std::string path;          ///< Decoded once, with dot segments; may contain any byte, also NUL.
  std::string query;         ///< After the '?', not decoded.
  std::string http_version;  ///< "1.0" or "1.1".
  std::vector<HttpHeader> headers;
  std::string client_key = {};  ///< See request_limit.h.

  /// Returns the value of the first header of that name, ignoring case.
  [[nodiscard]] std::optional<std::string_view> Header(std::string_view name) const;
};

/// A response. The server adds length, date and connection headers.
struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<HttpHeader> headers;  ///< Additional headers. Never put text of a client here.
};

/// Answers one request. Called by several threads at once. An exception becomes a 500.
using Handler = std::function<HttpResponse(const HttpRequest&)>;

/// Applied to every response, also to those without a handler.
using ResponseFilter = std::function<void(HttpResponse&)>;

/// Returns a plain text response for people and probes.
[[nodiscard]] HttpResponse PlainText(int status, std::string body);

/// Returns a temporary rejection: 503 with Retry-After.
[[nodiscard]] HttpResponse TryAgainLater(std::string body);

/// Properties of a response that depend on the connection.
struct Framing {
  bool head_only = false;   ///< For HEAD: all headers of the GET, no body.
  bool keep_alive = false;  ///< Value of the Connection header.
  std::time_t now = 0;      ///< For the Date header.
};

/// \brief  Returns the whole response, head and body, in HTTP/1.1.
/// It has no Server header, which would tell attackers the software, and always has `nosniff`,
/// because a response may quote a request. A header with a line break is left out, so that it
/// cannot split the response.
[[nodiscard]] std::string SerializeResponse(const HttpResponse& response, const Framing& framing);

/// \brief  Returns whether the connection may stay open after the response to this request.
/// Stricter than CivetWeb: a body or an upgrade ends the connection. CivetWeb would wait for the
/// rest of a body that never arrives, and with two Content-Length headers take a body for the next
/// request.
[[nodiscard]] bool MayKeepAlive(const HttpRequest& request);

/// \brief  Returns the raw path of a request target: "/metrics" of "/metrics", of
/// "http://any.example:1/metrics" and of "HTTPS://[::1]/metrics"; "/" of "http://any.example". For
/// methods other than GET and HEAD, which are always refused, targets without a path ("*",
/// "host:443") are returned unchanged.
/// Errors:  std::nullopt for a GET or HEAD with a malformed target.
[[nodiscard]] std::optional<std::string_view> PathOfTarget(std::string_view method,
                                                           std::string_view target);

/// Returns whether two ASCII words are equal, ignoring case, as HTTP compares names.
[[nodiscard]] bool SameWord(std::string_view a, std::string_view b);

/// Returns the text without leading and trailing blanks and tabs.
[[nodiscard]] std::string_view Trimmed(std::string_view text);

/// Returns text of a client for display: replaces everything except printable ASCII by '?', and
/// truncates it to a readable length.
[[nodiscard]] std::string Printable(std::string_view text);

struct QueryParameter {
  std::string name;
  std::string value;

  friend bool operator==(const QueryParameter&, const QueryParameter&) = default;
};

/// \brief  Replaces every %XX by its byte.
/// Errors:  std::nullopt if a '%' is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> PercentDecode(std::string_view text);

/// Many times the number of collectors.
inline constexpr std::size_t kMaxQueryParameters = 256;

/// \brief  Parses a raw query into parameters, in order, with duplicates:
/// "collect[]=a&collect%5B%5D=b". A '+' is a space, as in a form; empty parameters ("a&&b") are
/// skipped.
/// Errors:  std::nullopt if the encoding is invalid, or there are more than kMaxQueryParameters.
///          Ignoring the rest would run collectors that were not requested.
[[nodiscard]] std::optional<std::vector<QueryParameter>> ParseQuery(std::string_view query);

}  // namespace conntrack::exporter::web
