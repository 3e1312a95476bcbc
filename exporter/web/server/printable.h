// Text of a client, made fit to be shown.
#pragma once

#include <string>
#include <string_view>

namespace conntrack::exporter::web {

/// The text with everything but printable ASCII replaced by '?', cut to a length a person would
/// read.
[[nodiscard]] std::string Printable(std::string_view text);

/// The same in double quotes, for messages that name it.
[[nodiscard]] std::string Quoted(std::string_view text);

}  // namespace conntrack::exporter::web
