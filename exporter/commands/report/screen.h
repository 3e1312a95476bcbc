// Standard output, as a terminal or as a pipe.
#pragma once

#include <cstddef>
#include <string>

namespace conntrack::exporter::report {

/// \brief  What the terminal that a descriptor leads to can do, if it is one.
class Screen {
 public:
  explicit Screen(int descriptor);

  [[nodiscard]] bool is_terminal() const { return terminal_; }
  /// Colour is wanted: on a terminal that is not "dumb", unless NO_COLOR is set (no-color.org).
  [[nodiscard]] bool colour() const { return colour_; }
  /// Columns of the terminal now, `most` at most; `most` where it is none.
  [[nodiscard]] std::size_t Columns(std::size_t most) const;

  /// Rows of the terminal now; 0 where it is none, or does not say.
  [[nodiscard]] std::size_t Rows() const;

 private:
  int descriptor_;
  bool terminal_;
  bool colour_;
};

/// \brief  What to write to a terminal of `rows` so that `text` stands in place of what stood there
/// before; the `first` time, of everything.
/// Lines beyond its height are left out, and said to be; 0 rows are as many as it takes.
/// Cost:    pure.
[[nodiscard]] std::string InPlace(const std::string& text, std::size_t rows, bool first);

}  // namespace conntrack::exporter::report
