// Whether the kernel tracks connections, found out without making it begin to.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  What is there of connection tracking now; modules come and go.
///
/// A netlink socket makes the kernel load nfnetlink, and a message to ctnetlink, or joining its
/// events, nf_conntrack_netlink, and nf_conntrack with it: from then on the host tracks. So this is
/// asked first.
/// Source:  nf_conntrack_count, which a user namespace does not show before 5.13; the folders of
///          modules in SYSFS/module; /proc/modules where there is no sysfs. What is built in has no
///          such folder without parameters: its names are looked up in /proc/kallsyms, or in the
///          kernel's BTF, once.
/// Threads and cost: any thread; two to six system calls. That look, on a kernel with nf_conntrack
///          built in: 20 to 100 ms.
class Presence {
 public:
  Presence(KernelFiles proc, KernelFiles sys) : proc_(std::move(proc)), sys_(std::move(sys)) {}

  /// Errors:  kNotLoaded where the kernel does not track.
  [[nodiscard]] Result<void> Table() const;

  /// Whether the table can be asked for over netlink without loading anything.
  /// Errors:  kNotLoaded, also where Table() is; kHeldBack where it cannot be known.
  [[nodiscard]] Result<void> Ctnetlink() const;

 private:
  [[nodiscard]] bool IsLoaded(const std::string& module) const;
  [[nodiscard]] Result<void> LookUpBuiltIn() const;

  const KernelFiles proc_;
  const KernelFiles sys_;
  mutable std::once_flag looked_up_;
  mutable Result<void> built_in_;
};

}  // namespace conntrack::kernel
