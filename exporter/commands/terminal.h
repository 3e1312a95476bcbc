// Text for a terminal: wrapped words, tables, colours, and redrawing. All text is made printable
// first (see printable_text.h), including newlines, so that no name can start a line of its own.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack::exporter {

/// Pads `text` with blanks to `width` columns.
[[nodiscard]] std::string PadRight(std::string_view text, std::size_t width);
[[nodiscard]] std::string PadLeft(std::string_view text, std::size_t width);

/// \brief  Wraps the words of `text` in lines of at most `width` columns. The first line begins
/// with `first`, the others with `next`, both unchanged. A longer word gets its own line. Returns
/// an empty string if there are no words.
[[nodiscard]] std::string Wrap(const std::string& text, std::size_t width, const std::string& first,
                               const std::string& next);

/// The same with a hanging indent: the other lines are indented by the width of `first`.
[[nodiscard]] std::string Wrap(const std::string& text, std::size_t width,
                               const std::string& first);

// Escape codes of a terminal.
inline constexpr const char* kBold = "\x1b[1m";
inline constexpr const char* kRed = "\x1b[1;31m";
inline constexpr const char* kGreen = "\x1b[32m";
inline constexpr const char* kYellow = "\x1b[33m";
inline constexpr const char* kCyan = "\x1b[36m";
inline constexpr const char* kNoColour = "\x1b[0m";
inline constexpr const char* kHome = "\x1b[H";
inline constexpr const char* kClearScreen = "\x1b[2J";
inline constexpr const char* kClearRestOfLine = "\x1b[K";
inline constexpr const char* kClearLine = "\r\x1b[K";
inline constexpr const char* kClearBelow = "\x1b[J";
// Cuts lines that are too wide, so that they do not shift the lines below.
inline constexpr const char* kWrapOff = "\x1b[?7l";
inline constexpr const char* kWrapOn = "\x1b[?7h";

/// All of them. A code that ends like another must precede it.
inline constexpr std::array<std::string_view, 13> kEscapeCodes = {
    kClearLine,       kBold,       kRed,     kGreen, kYellow, kCyan, kNoColour, kHome, kClearScreen,
    kClearRestOfLine, kClearBelow, kWrapOff, kWrapOn};

/// Adds escape codes to text if colours are on.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}

  [[nodiscard]] std::string operator()(const char* code, const std::string& text) const {
    return on_ ? code + text + kNoColour : text;
  }

 private:
  bool on_;
};

/// A title and rows of cells.
struct Table {
  std::string title;
  std::vector<std::string> column_titles;  ///< From the second column on; may be fewer than cells.
  std::vector<std::vector<std::string>> rows;
  bool wide = false;  ///< Uses the whole width.
};

/// \brief  Returns the lines of a table, each at most `width` columns wide. The first column gets
/// the remaining width and is truncated if necessary; the others are right-aligned.
[[nodiscard]] std::vector<std::string> LinesOf(const Table& table, std::size_t width,
                                               const Paint& paint);

/// \brief  Arranges tables side by side if `width` has room for two, otherwise one below the other.
/// Wide tables stand alone. An empty line follows each pair. Tables without rows are left out.
[[nodiscard]] std::string InColumns(const std::vector<Table>& tables, std::size_t width,
                                    const Paint& paint);

/// \brief  The capabilities of the terminal behind a descriptor, if it is one.
class Terminal {
 public:
  explicit Terminal(int descriptor);

  /// False for a file or a pipe.
  [[nodiscard]] bool is_tty() const { return is_tty_; }
  /// Whether to use colours: on a terminal that is not "dumb", unless NO_COLOR is set
  /// (no-color.org).
  [[nodiscard]] bool colour() const { return colour_; }
  /// Returns the current number of columns, at most `most`; `most` if it is not a terminal.
  [[nodiscard]] std::size_t Columns(std::size_t most) const;
  /// Returns the current number of rows; 0 if it is unknown or not a terminal.
  [[nodiscard]] std::size_t Rows() const;

 private:
  int descriptor_;
  bool is_tty_;
  bool colour_;
};

/// Returns the output that replaces the contents of a terminal of `rows` rows by `text`. If
/// `first`, clears it. Lines beyond the height are left out and counted; 0 rows: no limit.
[[nodiscard]] std::string Redraw(const std::string& text, std::size_t rows, bool first);

}  // namespace conntrack::exporter
