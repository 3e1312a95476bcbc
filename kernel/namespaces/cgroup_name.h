// Who runs in a cgroup, from its path.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conntrack::kernel {

/// What a cgroup belongs to. The order is that of preference.
enum class CgroupKind : std::uint8_t { kPod, kContainer, kUnit };

struct CgroupName {
  CgroupKind kind = CgroupKind::kUnit;
  std::string name;

  friend bool operator==(const CgroupName&, const CgroupName&) = default;
};

/// \brief  The pod, container or systemd unit that the text of /proc/PID/cgroup names.
///
/// Source:  proc_cgroup_show() in kernel/cgroup/cgroup.c: a line "hierarchy:controllers:path" for
///          each mounted hierarchy; version 2 has one, "0::path". Paths are those that the
///          container runtimes and systemd make:
///            .../kubepods-burstable-pod<uid>.slice/cri-containerd-<64 hex>.scope (crio-, docker-)
///            /kubepods/burstable/pod<uid>/<64 hex>
///            .../kubepods-pod<uid>.slice:cri-containerd:<64 hex>
///            /system.slice/docker-<64 hex>.scope, /docker/<64 hex>, .../libpod-<64 hex>.scope/...
///            /lxc.payload.<name>, /lxc/<name>
///            /system.slice/<unit>.service
///          All containers of a pod share its network namespace, so the pod is the name; a
///          container inside a container has its own. Names: the pod's uid as `kubectl` prints it,
///          the first 12 characters of a container's id as `docker ps` prints them, the unit as
///          `systemctl` does. Login sessions name nobody.
/// Errors:  none; a path that we do not understand names nobody.
/// Threads and cost: pure; O(length).
[[nodiscard]] std::optional<CgroupName> NameFromCgroup(std::string_view text);

}  // namespace conntrack::kernel
