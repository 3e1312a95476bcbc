// Lines that are not too long.
#pragma once

#include <string>
#include <string_view>

namespace conntrack::exporter::advise {

/// The words of `text` in lines of at most 100 columns; the first begins with `first`, the others
/// with `next`. A word that is longer stands alone.
[[nodiscard]] std::string Wrapped(std::string_view text, std::string_view first,
                                  std::string_view next);

/// As lines of comment: "# ...".
[[nodiscard]] inline std::string Comment(std::string_view text, std::string_view indent = "") {
  const auto mark = std::string(indent) + "# ";
  return Wrapped(text, mark, mark);
}

}  // namespace conntrack::exporter::advise
