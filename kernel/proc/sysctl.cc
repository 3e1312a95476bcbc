#include "kernel/proc/sysctl.h"

#include <limits>
#include <string>

#include "kernel/text.h"

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

Result<std::int64_t> ReadSysctl(const KernelFiles& proc, std::string_view name) {
  const auto path = std::string(kSysctlFolder).append("/").append(name);
  auto value = proc.ReadNumber(path);
  if (!value || (*value >= 0 && *value <= std::numeric_limits<std::uint32_t>::max())) return value;
  return Fail(ErrorKind::kMalformed,
              (proc.root() / path).string() + " holds " + std::to_string(*value) +
                  ", which is not a valid value",
              "set " + std::string(name) + " to 0 or more");
}

Result<PortRange> ParsePortRange(std::string_view text) {
  auto high = text;
  const auto low = TakeUntil(high, '-');
  return MakePortRange(text, low, high);
}

Result<PortRange> ParseLocalPortRange(std::string_view text) {
  auto rest = TakeLine(text);
  const auto line = rest;
  const auto low = TakeWord(rest);
  const auto high = TakeWord(rest);
  return MakePortRange(line, low, TakeWord(rest).empty() ? high : std::string_view{});
}

Result<PortRange> ReadLocalPortRange(const KernelFiles& proc) {
  return proc.Read("sys/net/ipv4/ip_local_port_range").and_then(ParseLocalPortRange);
}

}  // namespace conntrack::kernel
