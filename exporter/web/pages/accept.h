// Which format of the metrics a client would like.
#pragma once

#include <string_view>

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
/// who accepts nothing that we have gets the text format rather than a refusal, as from every
/// exporter.
/// Threads and cost: pure, without memory of its own; linear in the header.
[[nodiscard]] MetricsFormat ChooseFormat(std::string_view accept);

/// The Content-Type of a format. Prometheus 3 fails a scrape whose Content-Type it does not know.
[[nodiscard]] std::string_view ContentType(MetricsFormat format);

}  // namespace conntrack::exporter::web
