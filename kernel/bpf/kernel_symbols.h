// Addresses of the kernel's symbols.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// The address in one line of /proc/kallsyms, 0 where the reader may not know it; nothing where the
/// line is not of `symbol`, or has no address.
[[nodiscard]] std::optional<std::uint64_t> SymbolAddress(std::string_view line,
                                                         std::string_view symbol);

/// \brief  The address of a variable or function of the kernel or of a module.
/// Source:  /proc/kallsyms. Variables are in it with CONFIG_KALLSYMS_ALL only, which most
///          distributions set. Addresses are shown to those with CAP_SYSLOG, unless
///          kernel.kptr_restrict is 2 (then to nobody).
/// Errors:  kAbsent where there is no such symbol; kDenied where its address is not shown.
/// Threads and cost: any thread; 100,000 to 300,000 lines, 20 to 100 ms; 64 KiB of memory.
[[nodiscard]] Result<std::uint64_t> FindKernelSymbol(const KernelFiles& proc,
                                                     std::string_view symbol);

}  // namespace conntrack::kernel
