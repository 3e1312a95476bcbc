// Addresses of variables of nf_conntrack.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"
#include "kernel/unique_fd.h"

namespace conntrack::kernel {

/// Addresses of two kernel variables; all 0 if the kernel hides them.
struct TableVariables {
  std::uint64_t hash = 0;        ///< nf_conntrack_hash, which contains the address of the table.
  std::uint64_t generation = 0;  ///< nf_conntrack_generation, which a resize changes twice.

  explicit operator bool() const { return hash != 0; }
  friend bool operator==(const TableVariables&, const TableVariables&) = default;
};

namespace bpf {

/// Returns the address in one line of /proc/kallsyms, 0 if it is hidden. Returns std::nullopt if
/// the line is for another symbol or has no address.
[[nodiscard]] std::optional<std::uint64_t> SymbolAddress(std::string_view line,
                                                         std::string_view symbol);

/// \brief  Finds the addresses of both variables, also after nf_conntrack was loaded or unloaded,
///         or loaded at another address.
/// Source:  /proc/kallsyms, opened once: in kallsyms_open() the kernel checks the capabilities and
///          decides whether the descriptor shows addresses. It does with CAP_SYSLOG, unless
///          kernel.kptr_restrict is 2. Variables are listed with CONFIG_KALLSYMS_ALL.
/// Errors:  kAbsent if there is no such file, or no such variable in it; kDenied if it cannot be
///          opened or hides addresses.
/// Threads and cost: one thread. A stat(2) of /sys/module/nf_conntrack; 20 to 100 ms and a few kB
///          of memory if the module was loaded again.
class KernelSymbols {
 public:
  KernelSymbols(const KernelFiles& proc, KernelFiles sys);

  [[nodiscard]] Result<TableVariables> Find();

  /// The next Find() reads the file again.
  void Forget() { module_.reset(); }

 private:
  [[nodiscard]] Result<TableVariables> Read() const;

  KernelFiles sys_;
  UniqueFd file_;
  std::optional<std::uint64_t> module_;  // inode of its folder at the last read; 0: none
  Result<TableVariables> found_;         // by the last read
};

}  // namespace bpf
}  // namespace conntrack::kernel
