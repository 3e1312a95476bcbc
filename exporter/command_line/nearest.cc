#include "exporter/command_line/nearest.h"

#include <algorithm>
#include <numeric>

namespace conntrack::exporter {
namespace {

/// Insertions, deletions and replacements of a character that lead from `a` to `b` (Levenshtein).
std::size_t Edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string Nearest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t kLongest = 100;  // nothing this long is a slip of the finger
  if (word.size() > kLongest) return {};
  std::string nearest;
  std::size_t fewest = std::max<std::size_t>(2, word.size() / 4) + 1;
  for (const auto& candidate : known) {
    const auto edits = Edits(word, candidate);
    if (edits < fewest) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace conntrack::exporter
