#include "exporter/process/printable_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace conntrack::exporter {
namespace {

struct Character {
  std::size_t size = 0;  // 0: not UTF-8
  char32_t code = 0;
};

unsigned char ByteAt(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// Returns the first character of a text that is not empty.
Character FirstCharacter(std::string_view text) {
  const auto first = ByteAt(text, 0);
  if (first < 0x80) return {1, first};
  const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < size) return {};
  char32_t code = first & (0x7FU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    const auto byte = ByteAt(text, i);
    if ((byte & 0xC0U) != 0x80) return {};
    code = code << 6U | (byte & 0x3FU);
  }
  const bool overlong = code < (size == 4 ? 0x10000U : size == 3 ? 0x800U : 0x80U);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF) return {};
  return {size, code};
}

bool IsPrintable(char32_t code) {
  if (code < 0x20 || (code >= 0x7F && code <= 0x9F)) return false;
  return !(code >= 0x2028 && code <= 0x202E) && !(code >= 0x2066 && code <= 0x2069);
}

void AppendEscaped(std::string& printable, std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = ByteAt(bytes, i);
    (printable += "\\x").append({kDigits[byte >> 4U], kDigits[byte & 0xFU]});
  }
}

void MakePrintable(nlohmann::ordered_json& json) {
  if (json.is_string()) {
    auto& text = json.get_ref<std::string&>();
    text = PrintableText(text);
  }
  if (json.is_structured()) {
    for (auto& element : json) MakePrintable(element);
  }
}

}  // namespace

std::string PrintableText(std::string_view text) {
  const auto ends = std::ranges::find_if(text, [](char c) { return c < ' ' || c > '~'; });
  const auto plain = static_cast<std::size_t>(ends - text.begin());
  std::string printable(text.substr(0, plain));
  text.remove_prefix(plain);
  while (!text.empty()) {
    const auto [size, code] = FirstCharacter(text);
    const auto bytes = text.substr(0, std::max<std::size_t>(size, 1));
    if (size != 0 && IsPrintable(code)) {
      printable += bytes;
    } else {
      AppendEscaped(printable, bytes);
    }
    text.remove_prefix(bytes.size());
  }
  return printable;
}

std::string_view FirstBytes(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (ByteAt(text, most) & 0xC0U) == 0x80) --most;
  return text.substr(0, most);
}

std::string PrintableJson(nlohmann::ordered_json json, int indent) {
  MakePrintable(json);
  return json.dump(indent);
}

}  // namespace conntrack::exporter
