// What a person calls a network namespace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/namespaces/namespaces.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

enum class NamespaceKind : std::uint8_t { kHost, kNamed, kContainer, kPod, kUnit, kProcess };

/// The kind as one lower-case word, for a label.
[[nodiscard]] std::string_view ToString(NamespaceKind kind);

struct NamespaceName {
  NamespaceKind kind = NamespaceKind::kProcess;
  std::string name;  ///< Printable ASCII; not unique.

  friend bool operator==(const NamespaceName&, const NamespaceName&) = default;
};

/// \brief  The name of a namespace: "host" where process 1 is inside; else the name that somebody
/// gave it; else the pod or container of its first process; else the name that a container runtime
/// bound it to; else the systemd unit, or the command, of its first process.
///
/// The first process is that with the lowest number, mostly the one for which the namespace was
/// made.
/// Source:  /proc/PID/cgroup and /proc/PID/comm, which everybody may read. The writer of comm is
///          the process itself, so what is not printable ASCII becomes '?'.
/// Errors:  none; where all processes have ended meanwhile the name is "unknown".
/// Threads and cost: any thread; up to six system calls.
[[nodiscard]] NamespaceName NameOf(const NetworkNamespace& found, const KernelFiles& proc);

}  // namespace conntrack::kernel
