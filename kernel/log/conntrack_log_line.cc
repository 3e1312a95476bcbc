#include "kernel/log/conntrack_log_line.h"

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

std::optional<std::uint64_t> TakeNumber(std::string_view& text) {
  const auto end = text.find_first_not_of("0123456789");
  const auto digits = text.substr(0, end);
  const auto number = ParseNumber<std::uint64_t>(digits);
  if (number) text.remove_prefix(digits.size());
  return number;
}

/// Removes "VPS 123 ", "CT123: " or "CT 123: ", which kernels with OpenVZ add.
void TakeContainer(std::string_view& text) {
  auto rest = text;
  if (!TakePrefix(rest, "VPS") && !TakePrefix(rest, "CT")) return;
  TakePrefix(rest, " ");
  if (!TakeNumber(rest)) return;
  TakePrefix(rest, ":");
  if (TakePrefix(rest, " ")) text = rest;
}

bool TakeModule(std::string_view& text) {
  bool any = false;
  while (TakePrefix(text, "nf_conntrack: ") || TakePrefix(text, "ip_conntrack: ")) any = true;
  return any;
}

std::optional<ConntrackLogLine> MatchSuppressed(std::string_view text) {
  if (!TakePrefix(text, "net_ratelimit: ") && !TakePrefix(text, "__ratelimit: "))
    return std::nullopt;
  const auto suppressed = TakeNumber(text);
  if (!suppressed || text != " callbacks suppressed") return std::nullopt;
  return ConntrackLogLine{ConntrackLogKind::kSuppressed, {}, *suppressed};
}

std::optional<ConntrackLogLine> MatchTableFull(std::string_view text) {
  ConntrackLogLine line{ConntrackLogKind::kTableFull, {}, 0};
  if (TakePrefix(text, " in netns ")) {
    line.netns_inode = TakeNumber(text);
    if (!line.netns_inode) return std::nullopt;
  }
  if (!TakePrefix(text, ", dropping packet")) return std::nullopt;
  TakePrefix(text, ".");
  return text.empty() ? std::optional(line) : std::nullopt;
}

}  // namespace

std::optional<ConntrackLogLine> MatchConntrackLog(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  TakeContainer(text);
  if (!TakeModule(text)) return MatchSuppressed(text);
  TakeContainer(text);
  if (TakePrefix(text, "table full")) return MatchTableFull(text);
  if (text == "expectation table full" || text == "expectation table full.") {
    return ConntrackLogLine{ConntrackLogKind::kExpectationTableFull, {}, 0};
  }
  return std::nullopt;
}

}  // namespace conntrack::kernel
