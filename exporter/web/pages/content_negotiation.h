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

/// \brief  What to answer to an Accept header; empty where there is none.
///
/// Follows RFC 9110, 12.5.1: for each format the most precise range decides, a weight of 0 is a no,
/// and the format of the highest weight wins; between equals the one that was named more precisely,
/// then the text format. "application/openmetrics-text" without a version means 1.0.0, as the
/// specification of OpenMetrics has it. A range that cannot be read is as if it were not there, and
/// a client that accepts nothing that we have gets the text format rather than a refusal, as from
/// every exporter.
/// Threads and cost: pure, without memory of its own; linear in the header.
[[nodiscard]] MetricsFormat ChooseFormat(std::string_view accept);

/// The Content-Type of a format. Prometheus 3 fails a scrape whose Content-Type it does not know.
[[nodiscard]] std::string_view ContentType(MetricsFormat format);

/// \brief  Whether an Accept-Encoding header asks for gzip.
///
/// Follows RFC 9110, 12.5.3: "gzip" (or "x-gzip") decides over "*"; a weight of 0 is a no; where
/// "identity" is named with a higher weight, the client would rather not. A weight that is none
/// makes its coding unwanted: plain text is understood by everyone.
[[nodiscard]] bool AcceptsGzip(std::string_view accept_encoding);

/// Compresses the body where the request accepts gzip, and says so.
/// The caller names Accept-Encoding in Vary, also of answers that are not compressed: a cache
/// between us and the client must know that they depend on it.
void CompressIfAccepted(const HttpRequest& request, HttpResponse& response);

/// \brief  The text in gzip format (RFC 1952).
///
/// Errors: throws std::bad_alloc; there is no other way to fail.
/// Threads and cost: any thread. zlib's fastest level: metrics shrink to about a tenth either way,
/// and a scrape pays for time, not for the last percent. About 0.3 MB while it runs.
[[nodiscard]] std::string Gzip(std::string_view text);

/// \brief  Cuts the text up to the separator off the front of `rest` and yields it without the
/// blanks around it. A separator in a quoted string is text like any other.
[[nodiscard]] std::string_view TakeElement(std::string_view& rest, char separator);

/// The weight in the "0.5" of "q=0.5"; nothing where it is no number from 0 to 1 (RFC 9110,
/// 12.4.2).
[[nodiscard]] std::optional<double> ParseQuality(std::string_view text);

}  // namespace conntrack::exporter::web
