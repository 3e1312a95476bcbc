#include "exporter/commands/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "exporter/process/printable_text.h"

namespace conntrack::exporter {
namespace {

constexpr std::size_t kColumn = 47;
constexpr std::size_t kGap = 2;
constexpr std::size_t kBetweenCells = 2;
constexpr const char* kRowIndent = "  ";

constexpr std::size_t kNarrowest = 60;

std::string Cut(const std::string& text, std::size_t width) {
  if (text.size() <= width) return text;
  return std::string(FirstBytes(text, width - std::min<std::size_t>(width, 1))) + "~";
}

/// Returns the size without escape codes.
std::size_t VisibleSize(std::string_view text) {
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

winsize SizeOf(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0) return {};
  return size;
}

std::string_view Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view{} : value;
}

}  // namespace

std::string PadRight(std::string_view text, std::size_t width) {
  const auto printable = PrintableText(text);
  return printable + std::string(width - std::min(width, printable.size()), ' ');
}

std::string PadLeft(std::string_view text, std::size_t width) {
  const auto printable = PrintableText(text);
  return std::string(width - std::min(width, printable.size()), ' ') + printable;
}

std::string Wrap(const std::string& text, std::size_t width, const std::string& first,
                 const std::string& next) {
  std::istringstream words(PrintableText(text));
  std::string wrapped;
  std::string line;  // empty before the first word
  for (std::string word; words >> word;) {
    if (line.empty()) {
      line = first + word;
    } else if (VisibleSize(line) + 1 + word.size() > width) {
      wrapped += line + "\n";
      line = next + word;
    } else {
      line += " " + word;
    }
  }
  return line.empty() ? wrapped : wrapped + line + "\n";
}

std::string Wrap(const std::string& text, std::size_t width, const std::string& first) {
  return Wrap(text, width, first, std::string(VisibleSize(first), ' '));
}

std::vector<std::string> LinesOf(const Table& table, std::size_t width, const Paint& paint) {
  std::vector<std::vector<std::string>> rows = {{table.title}};
  rows[0].insert(rows[0].end(), table.column_titles.begin(), table.column_titles.end());
  for (const auto& row : table.rows) rows.emplace_back(row)[0].insert(0, kRowIndent);
  for (auto& row : rows) std::ranges::transform(row, row.begin(), PrintableText);

  std::vector<std::size_t> widths(1);
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 1; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::size_t taken = 0;
  for (std::size_t i = 1; i < widths.size(); ++i) taken += kBetweenCells + widths[i];
  widths[0] = width - std::min(width, taken);

  std::vector<std::string> lines;
  for (auto& row : rows) {
    row.resize(widths.size());
    auto line = PadRight(Cut(row[0], widths[0]), widths[0]);
    for (std::size_t i = 1; i < row.size(); ++i) {
      line += PadLeft(row[i], kBetweenCells + widths[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(lines.empty() ? paint(kBold, line) : line);
  }
  return lines;
}

std::string InColumns(const std::vector<Table>& tables, std::size_t width, const Paint& paint) {
  const bool two = width >= 2 * kColumn + kGap;
  std::string text;
  std::vector<std::string> left;  // waits for a second table
  const auto flush = [&](const std::vector<std::string>& right) {
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
  for (const auto& table : tables) {
    if (table.rows.empty()) continue;
    auto lines = LinesOf(table, table.wide ? width : std::min(width, kColumn), paint);
    if (table.wide) flush({});
    if (two && !table.wide && !left.empty()) {
      flush(lines);
    } else {
      left = std::move(lines);
      if (!two || table.wide) flush({});
    }
  }
  flush({});
  return text;
}

Terminal::Terminal(int descriptor)
    : descriptor_(descriptor),
      is_tty_(::isatty(descriptor) == 1),
      colour_(is_tty_ && Environment("NO_COLOR").empty() && Environment("TERM") != "dumb") {}

std::size_t Terminal::Columns(std::size_t most) const {
  const std::size_t columns = is_tty_ ? SizeOf(descriptor_).ws_col : 0;
  return columns == 0 ? most : std::clamp(columns, kNarrowest, most);
}

std::size_t Terminal::Rows() const { return is_tty_ ? SizeOf(descriptor_).ws_row : 0; }

std::string Redraw(const std::string& text, std::size_t rows, bool first) {
  std::string drawn = std::string(first ? kClearScreen : "") + kHome + kWrapOff;
  const auto line = [&drawn](std::string_view content) {
    drawn.append(content).append(kClearRestOfLine).append("\n");
  };
  auto left = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  // The last row stays empty for the cursor.
  const std::size_t room = rows < 3 ? left : rows - 1;
  const std::size_t whole = left <= room ? left : room - 1;
  std::size_t begin = 0;
  for (std::size_t shown = 0; shown < whole; ++shown, --left) {
    const auto end = text.find('\n', begin);
    line(std::string_view(text).substr(begin, end - begin));
    begin = end + 1;
  }
  if (left > 0) line("(" + std::to_string(left) + " more lines: make the window higher)");
  return drawn + kClearBelow + kWrapOn;
}

}  // namespace conntrack::exporter
