// UUIDs as text.
#pragma once

#include <cstddef>
#include <string_view>

namespace conntrack::kernel {

inline constexpr std::size_t kUuidLength = 36;

/// Whether `text` is "8-4-4-4-12" lower-case hexadecimal digits, and nothing else.
[[nodiscard]] inline bool IsUuid(std::string_view text) {
  if (text.size() != kUuidLength) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool separator = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (separator ? text[i] != '-' : !hex) return false;
  }
  return true;
}

}  // namespace conntrack::kernel
