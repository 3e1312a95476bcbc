#include "kernel/proc/machine.h"

#include <string>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

// Above any CONFIG_NR_CPUS. Prevents "0-4000000000" from filling the memory.
constexpr std::uint32_t kMaxCpus = 65536;

}  // namespace

Result<std::vector<std::uint32_t>> ParseCpuList(std::string_view text) {
  const auto malformed = [text] {
    return Fail(ErrorKind::kMalformed,
                "\"" + std::string(text.substr(0, 60)) + "\" is not a list of CPUs");
  };
  std::vector<std::uint32_t> cpus;
  for (auto rest = Strip(text); !rest.empty();) {
    const auto item = TakeUntil(rest, ',');
    const auto dash = item.find('-');
    const auto first = ParseNumber<std::uint32_t>(item.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : ParseNumber<std::uint32_t>(item.substr(dash + 1));
    if (!first || !last || *last < *first || *last >= kMaxCpus) return malformed();
    if (!cpus.empty() && *first <= cpus.back()) return malformed();
    for (auto cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  }
  return cpus;
}

Result<CpuTopology> ReadCpuTopology(const KernelFiles& sys) {
  auto possible = sys.Read("devices/system/cpu/possible").and_then(ParseCpuList);
  if (!possible) return Fail(std::move(possible.error()));
  auto present = sys.Read("devices/system/cpu/present").and_then(ParseCpuList);
  if (!present) return Fail(std::move(present.error()));
  return CpuTopology{*std::move(possible), *std::move(present)};
}

Result<KernelRelease> ParseKernelRelease(std::string_view text) {
  auto rest = text;
  const auto major = ParseNumber<unsigned>(TakeUntil(rest, '.'));
  const auto minor = ParseNumber<unsigned>(rest.substr(0, rest.find_first_not_of("0123456789")));
  if (!major || !minor) {
    return Fail(ErrorKind::kMalformed,
                "\"" + std::string(text.substr(0, 40)) + "\" is not a kernel release");
  }
  return KernelRelease{*major, *minor};
}

Result<KernelRelease> ReadKernelRelease(const KernelFiles& proc) {
  return proc.Read("sys/kernel/osrelease").and_then(ParseKernelRelease);
}

Result<std::uint64_t> ParseMemTotal(std::string_view text) {
  while (!text.empty()) {
    auto line = TakeLine(text);
    if (TakeWord(line) != "MemTotal:") continue;
    const auto kibibytes = ParseNumber<std::uint64_t>(TakeWord(line));
    if (kibibytes && TakeWord(line) == "kB") return *kibibytes * 1024;
    break;
  }
  return Fail(ErrorKind::kMalformed, "meminfo: no line \"MemTotal: NUMBER kB\"");
}

Result<std::uint64_t> ReadMemTotal(const KernelFiles& proc) {
  return proc.Read("meminfo").and_then(ParseMemTotal);
}

}  // namespace conntrack::kernel
