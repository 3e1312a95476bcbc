// Where this process stands: on the host or in a container, in whose network, in Kubernetes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/proc/processes.h"

namespace conntrack::kernel {

enum class KubeProxyMode {
  kNone,  ///< No kube-proxy runs.
  kIptables,
  kNftables,
  kIpvs,
  kUnknown,  ///< It runs in a mode that cannot be read, or it is unknown whether it runs.
};

struct Kubernetes {
  std::string sign;      ///< What shows it: "/var/lib/kubelet", "process kubelet".
  bool in_pod = false;   ///< This process runs in a pod.
  bool kubelet = false;  ///< A kubelet runs on this machine, or its files are there.
  KubeProxyMode kube_proxy = KubeProxyMode::kUnknown;
  bool cilium = false;       ///< Cilium's agent runs, or its network configuration is there.
  std::string distribution;  ///< "k3s", "EKS"; empty if unknown.
};

struct Place {
  /// What shows a container, "/.dockerenv"; empty if nothing does.
  std::string container_sign;
  /// "lxc", "systemd-nspawn": a container that boots a system of its own; empty for others.
  std::string system_container;
  /// Whether our network namespace is that of the host's process 1, which boot files are for.
  std::optional<bool> boot_network_namespace;
  /// Whether we are in another user namespace than the first.
  std::optional<bool> user_namespace;
  /// Whether nobody can write sysctls in this mount namespace.
  std::optional<bool> proc_sys_read_only;
  /// `proc` is a mount of the host's /proc, and our network namespace is not the host's. Counts and
  /// settings are those of our namespace all the same: /proc/net and /proc/sys/net follow the
  /// process that reads, whichever mount it reads. Only /proc/PID/net shows other namespaces.
  bool host_proc_mounted_elsewhere = false;
  std::optional<Kubernetes> kubernetes;

  [[nodiscard]] bool container() const { return !container_sign.empty(); }
};

/// \brief  Where this process stands.
/// Source:  /proc/self/{ns,root,cgroup,mountinfo}, /proc/1/{environ,mountinfo}, processes by name, the
///          variable KUBERNETES_SERVICE_HOST; below `root` the folders of kubelets.
/// Errors:  none; what cannot be read is absent or unknown.
/// Threads and cost: any thread; as FindProcesses(), and some hundred system calls.
[[nodiscard]] Place ReadPlace(const KernelFiles& root, const KernelFiles& proc);

/// Processes that have to do with Kubernetes or set sysctls.
[[nodiscard]] ProcessSearch FindServices(const KernelFiles& proc);

/// What shows Kubernetes on this machine; nothing if nothing does. `services` are of FindServices().
[[nodiscard]] std::optional<Kubernetes> ReadKubernetes(const KernelFiles& root,
                                                       const KernelFiles& proc,
                                                       const ProcessSearch& services);

/// Whether our network namespace is that of the host's process 1; nothing if unknown.
[[nodiscard]] std::optional<bool> IsInBootNamespace(const KernelFiles& proc);

/// What shows that "/" is that of a container and not the host's; empty if nothing does.
[[nodiscard]] std::string ContainerSign(const KernelFiles& proc);

/// The mount that holds `path`, in the text of /proc/PID/mountinfo.
struct MountOf {
  std::string source;  ///< Device and folder on it: "0:25 /subvolume".
  bool read_only = false;

  friend bool operator==(const MountOf&, const MountOf&) = default;
};
[[nodiscard]] std::optional<MountOf> FindMount(std::string_view mountinfo, std::string_view path);

}  // namespace conntrack::kernel
