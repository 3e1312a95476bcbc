// What a person calls a network namespace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/namespaces/namespaces.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// What a cgroup belongs to, in order of preference.
enum class CgroupKind : std::uint8_t { kPod, kContainer, kUnit };

struct CgroupName {
  CgroupKind kind = CgroupKind::kUnit;
  std::string name;
  std::string container = {};  ///< Of a pod: the ID of the container, where the path has it.

  friend bool operator==(const CgroupName&, const CgroupName&) = default;
};

/// \brief  The pod, container or systemd unit in the text of /proc/PID/cgroup.
/// Source:  proc_cgroup_show() in kernel/cgroup/cgroup.c: a line "hierarchy:controllers:path" for
///          each mounted hierarchy; version 2 has one, "0::path". Container runtimes and systemd
///          make these paths:
///            .../kubepods-burstable-pod<uid>.slice/cri-containerd-<64 hex>.scope (crio-, docker-)
///            /kubepods/burstable/pod<uid>/<64 hex>
///            .../kubepods-pod<uid>.slice:cri-containerd:<64 hex>
///            /system.slice/docker-<64 hex>.scope, /docker/<64 hex>, .../libpod-<64 hex>.scope/...
///            /lxc.payload.<name>, /lxc/<name>
///            /system.slice/<unit>.service
///          Containers of a pod share its network namespace, so the pod is the name: its uid as in
///          `kubectl`; the first 12 characters of a container's id as in `docker ps`.
/// Errors:  nothing for login sessions and unknown paths.
/// Threads and cost: pure; O(length).
[[nodiscard]] std::optional<CgroupName> NameFromCgroup(std::string_view text);

/// Whether a container runtime made the name up: "cni-<UUID>" (containerd), "netns-<UUID>"
/// (Podman), "<UUID>" (CRI-O). Others that end in a UUID say what the namespace is:
/// "qrouter-<UUID>".
[[nodiscard]] bool IsMadeUp(std::string_view name);

enum class NamespaceKind : std::uint8_t { kHost, kNamed, kContainer, kPod, kUnit, kProcess };

/// The kind as one lower-case word, for a label.
[[nodiscard]] std::string_view ToString(NamespaceKind kind);

struct NamespaceName {
  NamespaceKind kind = NamespaceKind::kProcess;
  std::string name;  ///< May hold any byte; not unique.

  friend bool operator==(const NamespaceName&, const NamespaceName&) = default;
};

/// \brief  The name of a namespace, the first that applies: "host" with process 1 inside; the name
///         that a person gave it; the pod or container of its first process; the name that a
///         container runtime gave it; the systemd unit, or the command, of its first process.
///         First is the lowest process ID, mostly the process for which the namespace was made.
/// Source:  /proc/PID/cgroup and /proc/PID/comm, which a process sets itself to any bytes.
/// Errors:  none; "unknown" once all processes have ended.
/// Threads and cost: any thread; up to six system calls.
[[nodiscard]] NamespaceName NameOf(const NetworkNamespace& found, const KernelFiles& proc);

}  // namespace conntrack::kernel
