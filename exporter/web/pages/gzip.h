// Compression of answers.
#pragma once

#include <string>
#include <string_view>

namespace conntrack::exporter::web {

/// \brief  The text in gzip format (RFC 1952).
///
/// Errors: throws std::bad_alloc; there is no other way to fail.
/// Threads and cost: any thread. zlib's fastest level: metrics shrink to about a tenth either way,
/// and a scrape pays for time, not for the last percent. About 0.3 MB while it runs.
[[nodiscard]] std::string Gzip(std::string_view text);

}  // namespace conntrack::exporter::web
