// What a request and a response are, apart from any HTTP library.
#pragma once

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
  std::string query;   ///< What follows the '?', not decoded; see query.h.
  std::string http_version;  ///< "1.0" or "1.1".
  std::vector<HttpHeader> headers;
  std::string source = {};  ///< Where it comes from; see source.h.

  /// The value of the first header of that name, in any case of letters.
  [[nodiscard]] std::optional<std::string_view> Header(std::string_view name) const;
};

/// An answer. Length, date and connection headers are the server's business and do not belong here.
struct HttpResponse {
  int status = 200;
  std::string content_type;
  std::string body;
  std::vector<HttpHeader> headers;  ///< Beside the usual ones. Never put text of a client here.
};

/// Answers one request. Called by several threads at once; what it throws becomes a 500.
using Handler = std::function<HttpResponse(const HttpRequest&)>;

/// Has the last word on any answer, also on one that no handler gave.
using Finish = std::function<void(HttpResponse&)>;

/// An answer for people and probes: plain text.
[[nodiscard]] HttpResponse PlainText(int status, std::string body);

/// A refusal that does not last: 503 with Retry-After.
[[nodiscard]] HttpResponse TryAgainLater(std::string body);

/// Whether two ASCII words are the same but for the case of letters, as HTTP compares names.
[[nodiscard]] bool SameWord(std::string_view a, std::string_view b);

/// The text without the blanks (space, tab) around it.
[[nodiscard]] std::string_view Trimmed(std::string_view text);

}  // namespace conntrack::exporter::web
