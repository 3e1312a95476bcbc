// Accept and Accept-Encoding: selects the format of the metrics and gzip.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {

enum class MetricsFormat {
  kText,            ///< Prometheus text format 0.0.4, which all scrapers support.
  kOpenMetrics,     ///< OpenMetrics 1.0.0.
  kOpenMetrics001,  ///< Draft 0.0.1: the same lines under another name.
};

/// \brief  Returns the format for an Accept header, which may be empty.
///
/// RFC 9110, 12.5.1: for each format the most precise range applies, a weight of 0 excludes it, and
/// the highest weight wins. If equal, the more precise range wins, then the text format.
/// "application/openmetrics-text" without a version means 1.0.0, by OpenMetrics. Invalid ranges are
/// ignored. A client that accepts no supported format gets the text format, as from every exporter.
/// Threads and cost: pure, allocates no memory; linear in the header.
[[nodiscard]] MetricsFormat ChooseFormat(std::string_view accept);

/// Returns the Content-Type of a format. Prometheus 3 fails a scrape with an unknown Content-Type.
[[nodiscard]] std::string_view ContentType(MetricsFormat format);

/// \brief  Returns whether an Accept-Encoding header requests gzip.
/// RFC 9110, 12.5.3: "gzip" (or "x-gzip") takes precedence over "*", a weight of 0 excludes it, and
/// a higher weight of "identity" wins. An invalid weight counts as 0, because every client
/// understands plain text.
[[nodiscard]] bool AcceptsGzip(std::string_view accept_encoding);

/// Compresses the body if the request accepts gzip. The caller must list Accept-Encoding in Vary,
/// also for uncompressed responses, because a cache must not send one kind for the other.
void CompressIfAccepted(const HttpRequest& request, HttpResponse& response);

/// \brief  Compresses text in gzip format (RFC 1952), at zlib's fastest level: metrics shrink to
/// about a tenth at any level.
/// Errors, threads and cost: throws std::bad_alloc; any thread; about 0.3 MB while it runs.
[[nodiscard]] std::string Gzip(std::string_view text);

/// Removes the text up to the separator from the front of `rest` and returns it without surrounding
/// blanks. A separator in a quoted string is text.
[[nodiscard]] std::string_view TakeElement(std::string_view& rest, char separator);

/// Parses the weight "0.5" of "q=0.5"; std::nullopt if it is not a number from 0 to 1 (RFC 9110,
/// 12.4.2).
[[nodiscard]] std::optional<double> ParseQuality(std::string_view text);

}  // namespace conntrack::exporter::web
