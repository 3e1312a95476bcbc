#include "exporter/commands/report/blocks.h"

#include <algorithm>
#include <sstream>
#include <utility>

namespace conntrack::exporter::report {
namespace {

constexpr std::size_t kColumn = 47;
constexpr std::size_t kGap = 2;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kBetweenCells = 2;

using Lines = std::vector<std::string>;

std::string PadRight(const std::string& text, std::size_t width) {
  return text + std::string(width - std::min(width, text.size()), ' ');
}
std::string PadLeft(const std::string& text, std::size_t width) {
  return std::string(width - std::min(width, text.size()), ' ') + text;
}
std::string Cut(const std::string& text, std::size_t width) {
  return text.size() <= width ? text
                              : text.substr(0, width - std::min<std::size_t>(width, 1)) + "~";
}

/// Widths of the cells behind the first one.
std::vector<std::size_t> WidthsOf(const Block& block) {
  std::vector<std::size_t> widths;
  const auto widen = [&widths](std::size_t column, std::size_t width) {
    if (widths.size() <= column) widths.resize(column + 1);
    widths[column] = std::max(widths[column], width);
  };
  for (std::size_t i = 0; i < block.column_titles.size(); ++i)
    widen(i, block.column_titles[i].size());
  for (const auto& row : block.rows) {
    for (std::size_t i = 1; i < row.size(); ++i) widen(i - 1, row[i].size());
  }
  return widths;
}

std::size_t VisibleSize(const std::string& text) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      i = std::min(text.find('m', i), text.size());
    } else {
      ++size;
    }
  }
  return size;
}

}  // namespace

std::vector<std::string> LinesOf(const Block& block, std::size_t width, const Paint& paint) {
  const auto widths = WidthsOf(block);
  std::size_t taken = 0;
  for (const auto cell : widths) taken += cell + kBetweenCells;
  const std::size_t first = width - std::min(width, taken);

  const auto line = [&](const std::string& head, auto&& cell_of) {
    std::string text = PadRight(Cut(head, first), first);
    for (std::size_t i = 0; i < widths.size(); ++i) {
      text += std::string(kBetweenCells, ' ') + PadLeft(cell_of(i), widths[i]);
    }
    return text.erase(text.find_last_not_of(' ') + 1);
  };
  std::vector<std::string> lines;
  lines.push_back(paint.Bold(line(block.title, [&](std::size_t i) {
    return i < block.column_titles.size() ? block.column_titles[i] : std::string();
  })));
  for (const auto& row : block.rows) {
    lines.push_back(line(std::string(kIndent, ' ') + row.front(), [&](std::size_t i) {
      return i + 1 < row.size() ? row[i + 1] : std::string();
    }));
  }
  return lines;
}

std::string InColumns(const std::vector<Block>& blocks, std::size_t width, const Paint& paint) {
  const bool two = width >= 2 * kColumn + kGap;
  std::string text;
  Lines left;  // waits for a neighbour
  const auto flush = [&](const Lines& right) {
    for (std::size_t n = 0; n < std::max(left.size(), right.size()); ++n) {
      auto line = n < left.size() ? left[n] : std::string();
      if (n < right.size()) {
        line += std::string(kColumn + kGap - std::min(kColumn, VisibleSize(line)), ' ') + right[n];
      }
      text += line + "\n";
    }
    if (!left.empty() || !right.empty()) text += "\n";
    left.clear();
  };
  for (const auto& block : blocks) {
    if (block.rows.empty()) continue;
    auto lines = LinesOf(block, block.wide ? width : std::min(width, kColumn), paint);
    if (block.wide) flush({});
    if (two && !block.wide && !left.empty()) {
      flush(lines);
    } else {
      left = std::move(lines);
      if (!two || block.wide) flush({});
    }
  }
  flush({});
  return text;
}

std::string Joined(const std::vector<std::string>& texts, const std::string& between) {
  std::string joined;
  for (const auto& text : texts) joined += (joined.empty() ? "" : between) + text;
  return joined;
}

std::string Wrapped(const std::string& text, std::size_t indent, std::size_t width) {
  const std::string margin(indent, ' ');
  std::istringstream words(text);
  std::string wrapped;
  std::string line;
  for (std::string word; words >> word;) {
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) {
      wrapped += margin + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? wrapped : wrapped + margin + line + "\n";
}

}  // namespace conntrack::exporter::report
