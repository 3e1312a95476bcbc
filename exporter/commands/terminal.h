// Text for a terminal: wrapped words, tables, colours, and redrawing in place. What is laid out
// here is made printable first (see printable_text.h), newlines too: no name can draw a line of its
// own.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace conntrack::exporter {

/// Blanks added behind or before `text` until it is `width` wide.
[[nodiscard]] std::string PadRight(std::string_view text, std::size_t width);
[[nodiscard]] std::string PadLeft(std::string_view text, std::size_t width);

/// \brief  The words of `text` in lines of at most `width` columns; the first line begins with
/// `first`, the others with `next`, both as they are. A longer word stands alone; no words are no
/// line.
[[nodiscard]] std::string Wrap(const std::string& text, std::size_t width, const std::string& first,
                               const std::string& next);

/// The same with a hanging indent: the other lines begin with blanks, as wide as `first`.
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
// A line that is too wide is cut instead of moving those below it.
inline constexpr const char* kWrapOff = "\x1b[?7l";
inline constexpr const char* kWrapOn = "\x1b[?7h";

/// All of them; one that ends like another stands before it.
inline constexpr std::array<std::string_view, 13> kEscapeCodes = {
    kClearLine,       kBold,       kRed,     kGreen, kYellow, kCyan, kNoColour, kHome, kClearScreen,
    kClearRestOfLine, kClearBelow, kWrapOff, kWrapOn};

/// Adds escape codes to text, or leaves it plain.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}

  [[nodiscard]] std::string operator()(const char* code, const std::string& text) const {
    return on_ ? code + text + kNoColour : text;
  }

 private:
  bool on_;
};

/// A heading and rows of cells.
struct Table {
  std::string title;
  std::vector<std::string> column_titles;  ///< Of the second column on; may be fewer than cells.
  std::vector<std::vector<std::string>> rows;
  bool wide = false;  ///< Takes the whole width.
};

/// \brief  The lines of a table, each `width` characters wide at most: the first column takes what
/// the others leave and is cut where that is not enough; the others are flush right.
[[nodiscard]] std::vector<std::string> LinesOf(const Table& table, std::size_t width,
                                               const Paint& paint);

/// \brief  Tables side by side where `width` has room for two, one below the other otherwise; wide
/// ones by themselves. An empty line follows each pair. Tables without rows are left out.
[[nodiscard]] std::string InColumns(const std::vector<Table>& tables, std::size_t width,
                                    const Paint& paint);

/// \brief  What the terminal that a descriptor leads to can do, if it is one.
class Terminal {
 public:
  explicit Terminal(int descriptor);

  /// False for a file or a pipe.
  [[nodiscard]] bool is_tty() const { return is_tty_; }
  /// Colour is wanted: on a terminal that is not "dumb", unless NO_COLOR is set (no-color.org).
  [[nodiscard]] bool colour() const { return colour_; }
  /// Columns of the terminal now, `most` at most; `most` where it is none.
  [[nodiscard]] std::size_t Columns(std::size_t most) const;
  /// Rows of the terminal now; 0 where it is none, or does not say.
  [[nodiscard]] std::size_t Rows() const;

 private:
  int descriptor_;
  bool is_tty_;
  bool colour_;
};

/// What replaces the contents of a terminal of `rows` by `text`; the `first` time, all of it. Lines
/// beyond its height are left out, and counted; 0 rows: no limit.
[[nodiscard]] std::string Redraw(const std::string& text, std::size_t rows, bool first);

}  // namespace conntrack::exporter
