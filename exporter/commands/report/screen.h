// Standard output, as a terminal or as a pipe.
#pragma once

#include <cstddef>
#include <string>

namespace conntrack::exporter {

/// \brief  What the terminal that a descriptor leads to can do, if it is one.
class Screen {
 public:
  explicit Screen(int descriptor);

  [[nodiscard]] bool is_terminal() const { return terminal_; }
  /// Colour is wanted: on a terminal that is not "dumb", unless NO_COLOR is set (no-color.org).
  [[nodiscard]] bool colour() const { return colour_; }
  /// Columns of the terminal now, `most` at most; `most` where it is none.
  [[nodiscard]] std::size_t Columns(std::size_t most) const;

  /// \brief  What to write so that `text` stands in place of what stood there before.
  /// Lines beyond the height of the terminal are left out, and said to be.
  [[nodiscard]] std::string InPlace(const std::string& text, bool first) const;

 private:
  int descriptor_;
  bool terminal_;
  bool colour_;
};

}  // namespace conntrack::exporter
