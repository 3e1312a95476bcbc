// Requests, their queries, and responses, apart from any HTTP library.
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

/// A request as the client sent it. Every byte of it is the client's: hostile until compared with
/// something known.
struct HttpRequest {
  std::string method;  ///< As sent: "GET".
  std::string path;    ///< Percent-decoded once, dot segments kept; may hold any byte, also NUL.
  std::string query;   ///< What follows the '?', not decoded.
  std::string http_version;  ///< "1.0" or "1.1".
  std::vector<HttpHeader> headers;
  std::string client_key = {};  ///< See request_limit.h.

  /// The value of the first header of that name, in any case of letters.
  [[nodiscard]] std::optional<std::string_view> Header(std::string_view name) const;
};

/// A response. Length, date and connection headers are the server's business and do not belong
/// here.
struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<HttpHeader> headers;  ///< Beside the usual ones. Never put text of a client here.
};

/// Answers one request. Called by several threads at once; what it throws becomes a 500.
using Handler = std::function<HttpResponse(const HttpRequest&)>;

/// Applied to every response, also to those that no handler made.
using ResponseFilter = std::function<void(HttpResponse&)>;

/// A response for people and probes: plain text.
[[nodiscard]] HttpResponse PlainText(int status, std::string body);

/// A refusal that does not last: 503 with Retry-After.
[[nodiscard]] HttpResponse TryAgainLater(std::string body);

/// What the connection decides about a response.
struct Framing {
  bool head_only = false;   ///< A HEAD request: every header of the GET, no body.
  bool keep_alive = false;  ///< What the Connection header says.
  std::time_t now = 0;      ///< For the Date header.
};

/// \brief  The whole response, head and body, in HTTP/1.1.
/// Without a Server header, which would tell a stranger what to look up; always with `nosniff`,
/// because a response may quote a request. A header with a line break is left out, not split in
/// two.
[[nodiscard]] std::string SerializeResponse(const HttpResponse& response, const Framing& framing);

/// \brief  Whether the connection may stay open after the response to this request.
/// Stricter than CivetWeb: a body or an upgrade ends the connection. CivetWeb would wait for the
/// rest of a body that never comes, and with two Content-Length headers take a body for the next
/// request.
[[nodiscard]] bool MayKeepAlive(const HttpRequest& request);

/// \brief  The raw path that a request target names: "/metrics" of "/metrics", of
/// "http://any.example:1/metrics" and of "HTTPS://[::1]/metrics"; "/" of "http://any.example".
/// Targets without a path ("*", "host:443") are yielded as they are for methods other than GET and
/// HEAD, which are refused whatever the target.
/// Errors: nothing for a GET or HEAD whose target is malformed.
[[nodiscard]] std::optional<std::string_view> PathOfTarget(std::string_view method,
                                                           std::string_view target);

/// Whether two ASCII words are the same but for the case of letters, as HTTP compares names.
[[nodiscard]] bool SameWord(std::string_view a, std::string_view b);

/// The text without the blanks (space, tab) around it.
[[nodiscard]] std::string_view Trimmed(std::string_view text);

/// Text of a client, fit to be shown: everything but printable ASCII is replaced by '?', and it is
/// cut to a length that a person would read.
[[nodiscard]] std::string Printable(std::string_view text);

struct QueryParameter {
  std::string name;
  std::string value;

  friend bool operator==(const QueryParameter&, const QueryParameter&) = default;
};

/// \brief  Replaces every %XX by its byte.
/// Errors: nothing where a '%' is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> PercentDecode(std::string_view text);

/// Many times what there are collectors.
inline constexpr std::size_t kMaxQueryParameters = 256;

/// \brief  The parameters of a raw query, in order, repeated ones kept:
/// "collect[]=a&collect%5B%5D=b". A '+' is a space, as in a form; empty ones ("a&&b") are skipped.
/// Errors: nothing if the encoding is broken, or there are more than kMaxQueryParameters: without
/// the rest, collectors would run that were not requested.
[[nodiscard]] std::optional<std::vector<QueryParameter>> ParseQuery(std::string_view query);

}  // namespace conntrack::exporter::web
