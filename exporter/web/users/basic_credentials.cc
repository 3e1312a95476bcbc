#include "exporter/web/users/basic_credentials.h"

#include <cstddef>
#include <cstdint>

#include "exporter/web/server/http_message.h"

namespace conntrack::exporter::web {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Not EVP_DecodeBlock(): it takes padding anywhere, and blanks.
std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t pending = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    pending = (pending << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(pending >> static_cast<unsigned>(bits) & 0xFFU);
  }
  return bytes;
}

}  // namespace

std::optional<Credentials> ParseBasicCredentials(std::string_view authorization) {
  constexpr std::string_view kScheme = "Basic ";
  if (!SameWord(authorization.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  const auto decoded = DecodeBase64(Trimmed(authorization.substr(kScheme.size())));
  if (!decoded) return std::nullopt;
  const auto colon = decoded->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{decoded->substr(0, colon), decoded->substr(colon + 1)};
}

}  // namespace conntrack::exporter::web
