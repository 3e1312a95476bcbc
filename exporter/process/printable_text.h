// Makes text from outside printable.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace conntrack::exporter {

/// \brief  Returns `text` as valid, printable UTF-8. These are written byte by byte as `\xNN`:
/// - bytes that are not UTF-8,
/// - control characters (C0, DEL, C1) and line separators (U+2028, U+2029),
/// - characters that change the text direction (U+202A to U+202E, U+2066 to U+2069).
/// Backslashes stay as they are.
///
/// Names of files, namespaces, interfaces and helpers, paths of cgroups and requests, and lines of
/// the kernel log may contain any byte. Each output function passes its text through this function:
/// labels and HELP (exposition.cc, openmetrics.cc), log (log.cc), JSON (below), pages (html.cc),
/// standard output and error (standard_stream.h).
/// Two different texts have the same result only if one of them already contains an escape: the
/// four characters `\x0a` and a newline. PrintableText() does not change its own result.
/// Threads and cost: pure; one comparison per byte if there is nothing to escape.
[[nodiscard]] std::string PrintableText(std::string_view text);

/// Returns the first `most` bytes of UTF-8 text, without a character that would be cut.
[[nodiscard]] std::string_view FirstBytes(std::string_view text, std::size_t most);

/// Returns the JSON with all strings made printable, indented by `indent` blanks per level;
/// negative: one line.
[[nodiscard]] std::string PrintableJson(nlohmann::ordered_json json, int indent = -1);

}  // namespace conntrack::exporter
