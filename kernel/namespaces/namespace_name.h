// Human-readable names of network namespaces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/namespaces/namespaces.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// Kinds of cgroups that name a namespace, in order of preference.
enum class CgroupKind : std::uint8_t { kPod, kContainer, kUnit };

struct CgroupName {
  CgroupKind kind = CgroupKind::kUnit;
  std::string name;
  std::string container = {};  ///< For a pod: the ID of the container, if the path has it.

  friend bool operator==(const CgroupName&, const CgroupName&) = default;
};

/// \brief  Returns the pod, container or systemd unit in the text of /proc/PID/cgroup; std::nullopt
///         for login sessions and unknown paths.
/// Source:  proc_cgroup_show() in kernel/cgroup/cgroup.c: a line "hierarchy:controllers:path" per
///          mounted hierarchy; version 2 has one, "0::path". Container runtimes and systemd create
///          these paths:
///            .../kubepods-burstable-pod<uid>.slice/cri-containerd-<64 hex>.scope (crio-, docker-)
///            /kubepods/burstable/pod<uid>/<64 hex>
///            .../kubepods-pod<uid>.slice:cri-containerd:<64 hex>
///            /system.slice/docker-<64 hex>.scope, /docker/<64 hex>, .../libpod-<64 hex>.scope/...
///            /lxc.payload.<name>, /lxc/<name>
///            /system.slice/<unit>.service
///          Containers of a pod share its network namespace, so the pod is the name, with its uid
///          as in `kubectl`. The name of a container is the first 12 characters of its ID, as in
///          `docker ps`.
/// Threads and cost: pure; O(length).
[[nodiscard]] std::optional<CgroupName> NameFromCgroup(std::string_view text);

/// Returns whether a container runtime generated the name: "cni-<UUID>" (containerd),
/// "netns-<UUID>" (Podman), "<UUID>" (CRI-O). Other names that end with a UUID are meaningful:
/// "qrouter-<UUID>".
[[nodiscard]] bool IsMadeUp(std::string_view name);

enum class NamespaceKind : std::uint8_t { kHost, kNamed, kContainer, kPod, kUnit, kProcess };

/// Returns the kind as one lower-case word, for a label.
[[nodiscard]] std::string_view ToString(NamespaceKind kind);

struct NamespaceName {
  NamespaceKind kind = NamespaceKind::kProcess;
  std::string name;  ///< Any bytes; not unique.

  friend bool operator==(const NamespaceName&, const NamespaceName&) = default;
};

/// \brief  Returns the name of a namespace, the first that applies: "host" if process 1 is inside;
///         the name that a person gave it; the pod or container of its first process; the name that
///         a container runtime gave it; the systemd unit, or the command, of its first process. The
///         first process has the lowest PID; the namespace was mostly created for it.
/// Source:  /proc/PID/cgroup and /proc/PID/comm, which a process can set to any bytes.
/// Errors:  none; "unknown" if all processes have ended.
/// Threads and cost: any thread; up to six system calls.
[[nodiscard]] NamespaceName NameOf(const NetworkNamespace& found, const KernelFiles& proc);

}  // namespace conntrack::kernel
