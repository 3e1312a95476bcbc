// Numbers as the kernel prints them.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>

namespace conntrack::kernel {

/// The whole of `text` as an unsigned number in `base`; nothing where a character is left over or
/// it does not fit.
template <std::integral T>
[[nodiscard]] std::optional<T> ParseNumber(std::string_view text, int base = 10) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Cuts the next word off the front of `text`; empty where there is none. Words are split by blanks
/// and tabs.
[[nodiscard]] inline std::string_view TakeWord(std::string_view& text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    text = {};
    return {};
  }
  const auto end = text.find_first_of(" \t", begin);
  const auto word = text.substr(begin, end == std::string_view::npos ? end : end - begin);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
  return word;
}

/// Cuts the next line, without its newline, off the front of `text`; empty at the end.
[[nodiscard]] inline std::string_view TakeLine(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace conntrack::kernel
