#include "collectors/kernel/kernel_symbols.h"

#include <charconv>
#include <fstream>
#include <string>

namespace conntrack::kernel {
namespace {

constexpr std::size_t kSymbolColumn = 2;  // "ffffffff82c0a2c8 D nf_conntrack_hash\t[nf_conntrack]"

/// The word of that number, counted from 0.
std::string_view Word(std::string_view line, std::size_t number) {
  constexpr std::string_view kSpace = " \t";
  for (std::size_t i = 0;; ++i) {
    line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
    const auto word = line.substr(0, line.find_first_of(kSpace));
    if (i == number) return word;
    line.remove_prefix(word.size());
  }
}

bool IsOf(std::string_view line, std::string_view symbol) {
  // Most lines are told by this alone.
  return line.find(symbol) != std::string_view::npos && Word(line, kSymbolColumn) == symbol;
}

}  // namespace

std::uint64_t SymbolAddress(std::string_view line, std::string_view symbol) {
  if (!IsOf(line, symbol)) return 0;
  const auto text = Word(line, 0);
  std::uint64_t address = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), address, 16);
  return error == std::errc{} && end == text.data() + text.size() ? address : 0;
}

Result<std::uint64_t> FindKernelSymbol(const KernelFiles& proc, std::string_view symbol) {
  const auto path = proc.root() / "kallsyms";
  std::ifstream file(path);
  if (!file) {
    return Fail(ErrorKind::kAbsent, path.string() + " cannot be read",
                "a kernel with CONFIG_KALLSYMS");
  }
  for (std::string line; std::getline(file, line);) {
    if (!IsOf(line, symbol)) continue;
    if (const auto address = SymbolAddress(line, symbol); address != 0) return address;
    return Fail(ErrorKind::kDenied,
                path.string() + " does not show where " + std::string(symbol) + " is",
                "give CAP_SYSLOG, and have kernel.kptr_restrict below 2");
  }
  return Fail(ErrorKind::kAbsent, path.string() + " has no " + std::string(symbol),
              "a kernel with CONFIG_KALLSYMS_ALL");
}

}  // namespace conntrack::kernel
