#include "exporter/commands/report/screen.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace conntrack::exporter {
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

std::string Screen::InPlace(const std::string& text, bool first) const {
  const std::size_t height = SizeOf(descriptor_).ws_row;
  std::string drawn = std::string(first ? kClearScreen : "") + kHome + kWrapOff;
  std::size_t lines = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find('\n', begin), text.size());
    // The last row stays empty: it is where the cursor goes.
    if (height > 2 && ++lines >= height - 1) {
      const auto left =
          std::count(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), '\n');
      if (left > 1) {
        drawn += "(" + std::to_string(left) + " more lines: make the window higher)";
        drawn += std::string(kClearRestOfLine) + "\n";
        break;
      }
    }
    drawn.append(text, begin, end - begin).append(kClearRestOfLine).append("\n");
    begin = end + 1;
  }
  return drawn + kClearBelow + kWrapOn;
}

}  // namespace conntrack::exporter
