#include "exporter/web/server/printable.h"

#include <algorithm>
#include <cstddef>

namespace conntrack::exporter::web {

std::string Printable(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  std::string shown(text.substr(0, kLongest));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  if (text.size() > kLongest) shown += "...";
  return shown;
}

std::string Quoted(std::string_view text) { return "\"" + Printable(text) + "\""; }

}  // namespace conntrack::exporter::web
