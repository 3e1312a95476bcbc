// Parsing of text that the kernel prints or that configuration files contain.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <optional>
#include <string_view>

namespace conntrack::kernel {

/// Parses the whole of `text` as a number in `base`. Returns std::nullopt if characters are left
/// over or the number overflows.
template <std::integral T>
[[nodiscard]] std::optional<T> ParseNumber(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Returns `text` without leading and trailing white space.
[[nodiscard]] inline std::string_view Strip(std::string_view text) {
  constexpr std::string_view kWhite = " \t\n\r\v\f";
  const auto begin = text.find_first_not_of(kWhite);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

/// Removes `prefix` and returns true if `text` starts with it.
inline bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Returns `text` without the pair of quotes around it, if there is one.
[[nodiscard]] inline std::string_view Unquoted(std::string_view text) {
  const bool quoted =
      text.size() >= 2 && text.front() == text.back() && (text[0] == '"' || text[0] == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// Returns the part of a path after the last slash.
[[nodiscard]] inline std::string_view BaseName(std::string_view path) {
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

/// Removes and returns the text before `separator`, or all of it if there is none. Also removes the
/// separator.
[[nodiscard]] inline std::string_view TakeUntil(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

/// Removes and returns the next line, without its newline; empty at the end.
[[nodiscard]] inline std::string_view TakeLine(std::string_view& text) {
  return TakeUntil(text, '\n');
}

/// Removes and returns the next word, delimited by blanks and tabs; empty if there is none.
[[nodiscard]] inline std::string_view TakeWord(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const auto word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

}  // namespace conntrack::kernel
