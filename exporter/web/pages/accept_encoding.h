// What a client says it can decompress.
#pragma once

#include <string_view>

namespace conntrack::exporter::web {

/// \brief  Whether an Accept-Encoding header asks for gzip.
///
/// Follows RFC 9110, 12.5.3: "gzip" (or "x-gzip") decides over "*"; a weight of 0 is a no; where
/// "identity" is named with a higher weight, the client would rather not. A weight that is none
/// makes its coding unwanted: plain text is understood by everyone.
[[nodiscard]] bool WantsGzip(std::string_view accept_encoding);

}  // namespace conntrack::exporter::web
