// The first line of an answer.
#pragma once

#include <optional>
#include <string_view>

namespace conntrack::exporter::web {

/// The status in "HTTP/1.1 200 OK", without its line break; nothing where it is no such line.
[[nodiscard]] std::optional<int> ParseStatusLine(std::string_view line);

}  // namespace conntrack::exporter::web
