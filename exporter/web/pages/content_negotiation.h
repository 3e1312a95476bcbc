// Accept and Accept-Encoding: which format of the metrics a client asks for, and whether as gzip.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

enum class MetricsFormat {
  kText,            ///< Prometheus text format 0.0.4, which everything that scrapes can read.
  kOpenMetrics,     ///< OpenMetrics 1.0.0.
  kOpenMetrics001,  ///< Its draft 0.0.1: the same lines under another name.
};

/// \brief  What to answer to an Accept header; empty if there is none.
///
/// RFC 9110, 12.5.1: for each format the most precise range decides, a weight of 0 is a no, and the
/// highest weight wins; between equals the more precise range, then the text format.
/// "application/openmetrics-text" without a version means 1.0.0, by OpenMetrics. An unreadable
/// range is ignored, and a client that accepts nothing of ours gets the text format, as from every
/// exporter.
/// Threads and cost: pure, without memory of its own; linear in the header.
[[nodiscard]] MetricsFormat ChooseFormat(std::string_view accept);

/// The Content-Type of a format. Prometheus 3 fails a scrape whose Content-Type it does not know.
[[nodiscard]] std::string_view ContentType(MetricsFormat format);

/// \brief  Whether an Accept-Encoding header asks for gzip.
/// RFC 9110, 12.5.3: "gzip" (or "x-gzip") decides over "*", a weight of 0 is a no, and a higher
/// weight of "identity" wins. An unreadable weight is 0: everyone understands plain text.
[[nodiscard]] bool AcceptsGzip(std::string_view accept_encoding);

/// Compresses the body if the request accepts gzip. The caller names Accept-Encoding in Vary, also
/// of answers that are not compressed: a cache between us and the client must know.
void CompressIfAccepted(const HttpRequest& request, HttpResponse& response);

/// \brief  The text in gzip format (RFC 1952), at zlib's fastest level: metrics shrink to about a
/// tenth either way.
/// Errors, threads and cost: throws std::bad_alloc; any thread; about 0.3 MB while it runs.
[[nodiscard]] std::string Gzip(std::string_view text);

/// Cuts the text up to the separator off the front of `rest` and yields it without the blanks
/// around it. A separator in a quoted string is text.
[[nodiscard]] std::string_view TakeElement(std::string_view& rest, char separator);

/// The weight in the "0.5" of "q=0.5"; nothing where it is no number from 0 to 1 (RFC 9110,
/// 12.4.2).
[[nodiscard]] std::optional<double> ParseQuality(std::string_view text);

}  // namespace conntrack::exporter::web
