// Text from outside, made fit to be shown.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace conntrack::exporter {

/// \brief  `text` as valid UTF-8 that is printed as it stands: each byte of what is not UTF-8, of a
/// control character (C0, DEL, C1), of a character that turns the direction of writing (U+202A to
/// U+202E, U+2066 to U+2069) and of U+2028 and U+2029 becomes `\xNN`. All else stays, backslashes
/// too.
///
/// Names of files, namespaces, interfaces and helpers, paths of cgroups and requests, and lines of
/// the kernel's log may hold any byte. Every output passes its text through here in the function
/// that writes it: labels and HELP (exposition.cc, openmetrics.cc), log (log.cc), JSON (below),
/// pages (html.cc), standard output and error (standard_stream.h).
/// Two texts become the same only where one has such an escape in it already: `\x0a`, as four
/// characters, beside a newline.
/// Threads and cost: pure; a comparison a byte where there is nothing to escape. Its own result
/// stays as it is.
[[nodiscard]] std::string PrintableText(std::string_view text);

/// The first `most` bytes of UTF-8 text, less a character that they would cut.
[[nodiscard]] std::string_view FirstBytes(std::string_view text, std::size_t most);

/// The JSON, indented by `indent` blanks a level or in one line below 0, with all strings in it
/// printable.
[[nodiscard]] std::string PrintableJson(nlohmann::ordered_json json, int indent = -1);

}  // namespace conntrack::exporter
