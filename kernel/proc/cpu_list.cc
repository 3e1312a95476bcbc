#include "kernel/proc/cpu_list.h"

#include <string>

#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {
namespace {

// Larger than CONFIG_NR_CPUS can be; keeps "0-4000000000" from filling the memory.
constexpr std::uint32_t kMaxCpus = 65536;

}  // namespace

Result<std::vector<std::uint32_t>> ParseCpuList(std::string_view text) {
  const auto malformed = [text] {
    return Fail(ErrorKind::kMalformed,
                "\"" + std::string(text.substr(0, 60)) + "\" is not a list of CPUs");
  };
  std::string_view rest = text;
  while (!rest.empty() && (rest.back() == '\n' || rest.back() == ' ')) rest.remove_suffix(1);
  std::vector<std::uint32_t> cpus;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    const auto item = rest.substr(0, comma);
    rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
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
  const auto read = [&sys](std::string_view path) -> Result<std::vector<std::uint32_t>> {
    const auto text = sys.Read(path);
    if (!text) return Fail(text.error());
    return ParseCpuList(*text);
  };
  auto possible = read("devices/system/cpu/possible");
  if (!possible) return Fail(std::move(possible.error()));
  auto present = read("devices/system/cpu/present");
  if (!present) return Fail(std::move(present.error()));
  return CpuTopology{*std::move(possible), *std::move(present)};
}

}  // namespace conntrack::kernel
