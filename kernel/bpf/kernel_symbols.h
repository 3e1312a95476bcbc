// Where variables of nf_conntrack are in the kernel's memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"
#include "kernel/unique_fd.h"

namespace conntrack::kernel {

/// Addresses of two variables of the kernel; all 0 if it does not show them.
struct TableVariables {
  std::uint64_t hash = 0;        ///< nf_conntrack_hash, which has the address of the table.
  std::uint64_t generation = 0;  ///< nf_conntrack_generation, which a resize changes, twice.

  explicit operator bool() const { return hash != 0; }
  friend bool operator==(const TableVariables&, const TableVariables&) = default;
};

namespace bpf {

/// The address in one line of /proc/kallsyms, 0 if it is hidden; nothing if the line is not of
/// `symbol`, or has no address.
[[nodiscard]] std::optional<std::uint64_t> SymbolAddress(std::string_view line,
                                                         std::string_view symbol);

/// \brief  The addresses of both variables, also after nf_conntrack was loaded, unloaded or loaded
///         elsewhere.
/// Source:  /proc/kallsyms, opened once: the kernel decides then, by the capabilities of that
///          moment, whether the descriptor shows addresses (kallsyms_open). CAP_SYSLOG makes it,
///          unless kernel.kptr_restrict is 2. Variables are there with CONFIG_KALLSYMS_ALL.
/// Errors:  kAbsent if there is no such file, or no such variable in it; kDenied if it may not be
///          opened, or hides addresses.
/// Threads and cost: one thread. A stat(2) of /sys/module/nf_conntrack; 20 to 100 ms with a few kB
///          of memory where that is another module than the last time.
class KernelSymbols {
 public:
  KernelSymbols(const KernelFiles& proc, KernelFiles sys);

  [[nodiscard]] Result<TableVariables> Find();

  /// The next Find() reads, whatever module is there.
  void Forget() { module_.reset(); }

 private:
  [[nodiscard]] Result<TableVariables> Read() const;

  KernelFiles sys_;
  UniqueFd file_;
  std::optional<std::uint64_t> module_;  // inode of the one that was read; 0: there was none
  Result<TableVariables> found_;         // of that one
};

}  // namespace bpf
}  // namespace conntrack::kernel
