// Text in columns.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace conntrack::exporter::report {

/// Turns escape codes of a terminal on, or leaves text plain.
class Paint {
 public:
  explicit Paint(bool on) : on_(on) {}

  [[nodiscard]] std::string Bold(const std::string& text) const { return In("1", text); }
  [[nodiscard]] std::string Red(const std::string& text) const { return In("1;31", text); }
  [[nodiscard]] std::string Yellow(const std::string& text) const { return In("33", text); }
  [[nodiscard]] std::string Cyan(const std::string& text) const { return In("36", text); }
  [[nodiscard]] std::string Green(const std::string& text) const { return In("32", text); }

 private:
  [[nodiscard]] std::string In(const char* code, const std::string& text) const {
    return on_ ? "\x1b[" + std::string(code) + "m" + text + "\x1b[0m" : text;
  }

  bool on_;
};

/// A heading and its rows; rows are cells. Empty where there are none.
struct Block {
  std::string title;
  std::vector<std::string> column_titles;  ///< Of the second column on; may be fewer than cells.
  std::vector<std::vector<std::string>> rows;
  bool wide = false;  ///< Takes the whole width.
};

/// \brief  The lines of a block, each `width` characters wide at most: the first column takes what
/// the others leave and is cut where that is not enough; the others are flush right.
[[nodiscard]] std::vector<std::string> LinesOf(const Block& block, std::size_t width,
                                               const Paint& paint);

/// \brief  Blocks in two columns where `width` has room for them, one below the other otherwise;
/// wide ones by themselves. An empty line follows each pair. Empty blocks are left out.
[[nodiscard]] std::string InColumns(const std::vector<Block>& blocks, std::size_t width,
                                    const Paint& paint);

/// "a, b, c"
[[nodiscard]] std::string Joined(const std::vector<std::string>& texts, const std::string& between);

/// Words in lines of at most `width` characters, each behind `indent` blanks.
[[nodiscard]] std::string Wrapped(const std::string& text, std::size_t indent, std::size_t width);

}  // namespace conntrack::exporter::report
