#include "exporter/commands/report/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace conntrack::exporter::report {
namespace {

constexpr std::size_t kNarrowest = 60;
constexpr const char* kHome = "\x1b[H";
constexpr const char* kClearScreen = "\x1b[2J";
constexpr const char* kClearRestOfLine = "\x1b[K";
constexpr const char* kClearBelow = "\x1b[J";
// So that a line which is too wide is cut instead of pushing those below it down.
constexpr const char* kWrapOff = "\x1b[?7l";
constexpr const char* kWrapOn = "\x1b[?7h";

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

Screen::Screen(int descriptor)
    : descriptor_(descriptor),
      terminal_(::isatty(descriptor) == 1),
      colour_(terminal_ && Environment("NO_COLOR").empty() && Environment("TERM") != "dumb") {}

std::size_t Screen::Columns(std::size_t most) const {
  const std::size_t columns = terminal_ ? SizeOf(descriptor_).ws_col : 0;
  return columns == 0 ? most : std::clamp(columns, kNarrowest, most);
}

std::size_t Screen::Rows() const { return terminal_ ? SizeOf(descriptor_).ws_row : 0; }

std::string InPlace(const std::string& text, std::size_t rows, bool first) {
  std::string drawn = std::string(first ? kClearScreen : "") + kHome + kWrapOff;
  const auto line = [&drawn](std::string_view content) {
    drawn.append(content).append(kClearRestOfLine).append("\n");
  };
  auto left = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  // The last row stays empty: it is where the cursor goes.
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

}  // namespace conntrack::exporter::report
