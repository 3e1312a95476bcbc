#include "kernel/bpf/kernel_symbols.h"

#include <fstream>
#include <string>

#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {

// "ffffffff82c0a2c8 D nf_conntrack_hash\t[nf_conntrack]"
std::optional<std::uint64_t> SymbolAddress(std::string_view line, std::string_view symbol) {
  // Most lines are told by this alone.
  if (line.find(symbol) == std::string_view::npos) return std::nullopt;
  const auto address = TakeWord(line);
  static_cast<void>(TakeWord(line));  // its kind
  return TakeWord(line) == symbol ? ParseNumber<std::uint64_t>(address, 16) : std::nullopt;
}

Result<std::uint64_t> FindKernelSymbol(const KernelFiles& proc, std::string_view symbol) {
  const auto path = proc.root() / "kallsyms";
  std::ifstream file(path);
  if (!file) {
    return Fail(ErrorKind::kAbsent, path.string() + " cannot be read",
                "a kernel with CONFIG_KALLSYMS");
  }
  for (std::string line; std::getline(file, line);) {
    const auto address = SymbolAddress(line, symbol);
    if (!address) continue;
    if (*address != 0) return *address;
    return Fail(ErrorKind::kDenied,
                path.string() + " does not show where " + std::string(symbol) + " is",
                "give CAP_SYSLOG, and have kernel.kptr_restrict below 2");
  }
  return Fail(ErrorKind::kAbsent, path.string() + " has no " + std::string(symbol),
              "a kernel with CONFIG_KALLSYMS_ALL");
}

}  // namespace conntrack::kernel
