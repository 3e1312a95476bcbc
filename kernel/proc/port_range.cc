#include "kernel/proc/port_range.h"

#include <string>

#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {
namespace {

Result<PortRange> MakePortRange(std::string_view text, std::string_view low,
                                std::string_view high) {
  const auto first = ParseNumber<std::uint16_t>(low);
  const auto last = ParseNumber<std::uint16_t>(high);
  if (!first || !last || *first == 0 || *first > *last) {
    return Fail(ErrorKind::kMalformed, "\"" + std::string(text.substr(0, 40)) +
                                           "\" is not two ports of 1 to 65535, the lower first");
  }
  return PortRange{*first, *last};
}

}  // namespace

Result<PortRange> ParsePortRange(std::string_view text) {
  const auto dash = text.find('-');
  const auto high = dash == std::string_view::npos ? std::string_view{} : text.substr(dash + 1);
  return MakePortRange(text, text.substr(0, dash), high);
}

Result<PortRange> ParseLocalPortRange(std::string_view text) {
  auto rest = TakeLine(text);
  const auto line = rest;
  const auto low = TakeWord(rest);
  const auto high = TakeWord(rest);
  return MakePortRange(line, low, TakeWord(rest).empty() ? high : std::string_view{});
}

Result<PortRange> ReadLocalPortRange(const KernelFiles& proc) {
  const auto text = proc.Read("sys/net/ipv4/ip_local_port_range");
  if (!text) return Fail(text.error());
  return ParseLocalPortRange(*text);
}

}  // namespace conntrack::kernel
