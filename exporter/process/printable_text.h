// Text from outside, made fit to be shown.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace conntrack::exporter {

/// \brief  `text` as valid, printable UTF-8. Everything else is written byte by byte as `\xNN`:
/// - bytes that are not UTF-8,
/// - control characters (C0, DEL, C1) and line separators (U+2028, U+2029),
/// - characters that change the direction of writing (U+202A to U+202E, U+2066 to U+2069).
/// Backslashes stay as they are.
///
/// Names of files, namespaces, interfaces and helpers, paths of cgroups and requests, and lines of
/// the kernel's log may hold any byte. Every output passes its text through here in the function
/// that writes it: labels and HELP (exposition.cc, openmetrics.cc), log (log.cc), JSON (below),
/// pages (html.cc), standard output and error (standard_stream.h).
/// Two different texts have the same result only if one of them has such an escape in it already:
/// the four characters `\x0a` and a newline. PrintableText() does not change its own result.
/// Threads and cost: pure; one comparison a byte where there is nothing to escape.
[[nodiscard]] std::string PrintableText(std::string_view text);

/// The first `most` bytes of UTF-8 text, less a character that they would cut.
[[nodiscard]] std::string_view FirstBytes(std::string_view text, std::size_t most);

/// The JSON, indented by `indent` blanks a level or in one line below 0, with all strings in it
/// printable.
[[nodiscard]] std::string PrintableJson(nlohmann::ordered_json json, int indent = -1);

}  // namespace conntrack::exporter
