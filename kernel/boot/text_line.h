// Lines of configuration files.
#pragma once

#include <string>
#include <string_view>

namespace conntrack::kernel {

/// A line of a file, for a person to find: "/etc/sysctl.d/90-conntrack.conf:3".
struct SourceLine {
  std::string file;
  std::size_t line = 0;  ///< From 1 on; 0 where the file has but one.

  [[nodiscard]] std::string ToString() const {
    return line == 0 ? file : file + ":" + std::to_string(line);
  }
  friend bool operator==(const SourceLine&, const SourceLine&) = default;
};

/// `text` without the white space around it.
[[nodiscard]] inline std::string_view Strip(std::string_view text) {
  constexpr std::string_view kWhite = " \t\n\r\v\f";
  const auto begin = text.find_first_not_of(kWhite);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

/// Cuts what stands before `separator`, or everything, off the front, and drops the separator.
[[nodiscard]] inline std::string_view TakeUntil(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

}  // namespace conntrack::kernel
