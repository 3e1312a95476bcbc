#include "kernel/log/kmsg_record.h"

#include <optional>

#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {
namespace {

/// Cuts the next field of the header, without its comma, off the front.
std::string_view TakeField(std::string_view& header) {
  const auto end = header.find(',');
  const auto field = header.substr(0, end);
  header.remove_prefix(end == std::string_view::npos ? header.size() : end + 1);
  return field;
}

std::string Unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto byte = text.starts_with("\\x") && text.size() >= 4
                          ? ParseNumber<unsigned char>(text.substr(2, 2), 16)
                          : std::nullopt;
    plain += byte ? static_cast<char>(*byte) : text.front();
    text.remove_prefix(byte ? 4 : 1);
  }
  return plain;
}

}  // namespace

Result<KmsgRecord> ParseKmsgRecord(std::string_view record) {
  const auto semicolon = record.find(';');
  auto header = record.substr(0, semicolon);
  const auto priority = ParseNumber<unsigned>(TakeField(header));
  const auto sequence = ParseNumber<std::uint64_t>(TakeField(header));
  const auto timestamp = ParseNumber<std::uint64_t>(TakeField(header));
  // Two thirds of the range is 194,000 years, and leaves room to compute with.
  constexpr std::uint64_t kLatest = INT64_MAX / 3 * 2;
  if (semicolon == std::string_view::npos || !priority || !sequence || !timestamp ||
      *timestamp > kLatest) {
    return Fail(ErrorKind::kMalformed, "\"" + std::string(record.substr(0, 40)) +
                                           "\" is not a record of the kernel's log");
  }
  auto body = record.substr(semicolon + 1);
  return KmsgRecord{*priority >> 3U, *priority & 7U, *sequence,
                    std::chrono::microseconds(*timestamp), Unescape(TakeLine(body))};
}

}  // namespace conntrack::kernel
