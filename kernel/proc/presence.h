// Whether the modules of connection tracking are loaded. The check loads none.
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

/// \brief  Checks whether nf_conntrack and nf_conntrack_netlink are loaded or built in. Both may be
///         loaded and unloaded at any time.
///
/// Opening a netfilter netlink socket makes the kernel load nfnetlink. A message to ctnetlink, or
/// joining its events, loads nf_conntrack_netlink and nf_conntrack, and the host begins to track
/// connections. So check here before either.
/// Source:  nf_conntrack_count, which is hidden in user namespaces before 5.13; the counters in
///          /proc/net/stat, which some kernels lack; the folders of modules in SYSFS/module;
///          /proc/modules if there is no sysfs. A built-in module without parameters has no folder:
///          its functions are searched once in /proc/kallsyms or in the kernel's BTF.
/// Threads and cost: any thread; a few system calls if the modules are loaded, some 20 if not. The
///          search, on a kernel with nf_conntrack built in, takes 20 to 100 ms.
class Presence {
 public:
  Presence(KernelFiles proc, KernelFiles sys) : proc_(std::move(proc)), sys_(std::move(sys)) {}

  /// Errors:  kNotLoaded if nf_conntrack is not loaded; kAbsent if that is unknown.
  [[nodiscard]] Result<void> Table() const;

  /// Succeeds if the table can be read over netlink without loading a module.
  /// Errors:  those of Table(); kNotLoaded; kHeldBack if that is unknown.
  [[nodiscard]] Result<void> Ctnetlink() const;

  /// Succeeds if TCP and UDP sockets can be listed over sock_diag without loading a module.
  /// Errors:  kNotLoaded, with the name of the module; kHeldBack if that is unknown.
  [[nodiscard]] Result<void> SockDiag() const;

 private:
  [[nodiscard]] bool IsLoaded(const std::string& module) const;
  /// Returns the state of a module in /proc/modules.
  [[nodiscard]] std::optional<std::string> ListedState(const std::string& module) const;
  [[nodiscard]] Result<void> LookUpBuiltIn() const;
  /// Returns whether the running kernel has functions that begin with each of `names`. Returns
  /// std::nullopt if that is unknown, because not even `known` is listed.
  [[nodiscard]] std::optional<bool> HasFunctions(std::span<const std::string_view> names,
                                                 std::string_view known) const;

  const KernelFiles proc_;
  const KernelFiles sys_;
  mutable std::once_flag looked_up_;
  mutable Result<void> built_in_;
  mutable std::once_flag looked_up_diag_;
  mutable std::optional<bool> diag_built_in_;
};

/// Returns whether nf_conntrack is loaded, from the result of Presence::Table(); std::nullopt if
/// unknown.
[[nodiscard]] std::optional<bool> IsLoaded(const Result<void>& table);

}  // namespace conntrack::kernel
