// The query part of a request's address.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack::exporter::web {

struct QueryParameter {
  std::string name;
  std::string value;

  friend bool operator==(const QueryParameter&, const QueryParameter&) = default;
};

/// \brief  Replaces every %XX by its byte.
/// Errors: nothing where a '%' is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> PercentDecode(std::string_view text);

/// Many times what there are collectors.
inline constexpr std::size_t kMaxQueryParameters = 256;

/// \brief  The parameters of a raw query, in order, repeated ones kept:
/// "collect[]=a&collect%5B%5D=b".
///
/// A '+' is a space, as in a form. A parameter without '=' has an empty value; empty ones ("a&&b")
/// are skipped.
/// Errors: nothing where the encoding is broken, or there are more than kMaxQueryParameters. To drop
/// such a parameter would be to run collectors nobody asked for.
[[nodiscard]] std::optional<std::vector<QueryParameter>> ParseQuery(std::string_view query);

}  // namespace conntrack::exporter::web
