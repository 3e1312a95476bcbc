// Whether the modules of connection tracking are loaded, without loading them.
#pragma once

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  Whether nf_conntrack and nf_conntrack_netlink are loaded or built in; both may be loaded
///         and unloaded at any time.
///
/// Opening a netfilter netlink socket makes the kernel load nfnetlink; a message to ctnetlink, or
/// joining its events, loads nf_conntrack_netlink and nf_conntrack, and the host begins to track.
/// So check here before either.
/// Source:  nf_conntrack_count, which a user namespace does not show before 5.13; the counters in
///          /proc/net/stat, which some kernels lack; the folders of modules in SYSFS/module;
///          /proc/modules if there is no sysfs. A built-in module without parameters has no
///          folder: its functions are searched once in /proc/kallsyms, or in the kernel's BTF.
/// Threads and cost: any thread; a few system calls if the modules are loaded, some twenty if not.
///          The search, on a kernel with nf_conntrack built in: 20 to 100 ms.
class Presence {
 public:
  Presence(KernelFiles proc, KernelFiles sys) : proc_(std::move(proc)), sys_(std::move(sys)) {}

  /// Errors:  kNotLoaded if nf_conntrack is not loaded; kAbsent if it cannot tell.
  [[nodiscard]] Result<void> Table() const;

  /// Whether the table can be read over netlink without loading a module.
  /// Errors:  those of Table(); kNotLoaded; kHeldBack if it cannot tell.
  [[nodiscard]] Result<void> Ctnetlink() const;

  /// Whether sockets can be listed by sock_diag (TCP and UDP) without loading a module.
  /// Errors:  kNotLoaded, naming the module; kHeldBack if it cannot tell.
  [[nodiscard]] Result<void> SockDiag() const;

 private:
  [[nodiscard]] bool IsLoaded(const std::string& module) const;
  /// Of /proc/modules.
  [[nodiscard]] std::optional<std::string> ListedState(const std::string& module) const;
  [[nodiscard]] Result<void> LookUpBuiltIn() const;
  /// Whether the running kernel has all functions whose names begin so; nothing if it cannot tell,
  /// since not even `known` is seen.
  [[nodiscard]] std::optional<bool> HasFunctions(std::span<const std::string_view> names,
                                                 std::string_view known) const;

  const KernelFiles proc_;
  const KernelFiles sys_;
  mutable std::once_flag looked_up_;
  mutable Result<void> built_in_;
  mutable std::once_flag looked_up_diag_;
  mutable std::optional<bool> diag_built_in_;
};

/// Whether nf_conntrack is loaded, from the outcome of Presence::Table(); nullopt if it cannot
/// tell.
[[nodiscard]] std::optional<bool> IsLoaded(const Result<void>& table);

}  // namespace conntrack::kernel
