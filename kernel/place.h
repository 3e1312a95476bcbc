// The environment of this process: host or container, network namespace, Kubernetes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/kube_proxy.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/proc/processes.h"

namespace conntrack::kernel {

enum class KubeProxyMode {
  kNone,  ///< No kube-proxy runs.
  kIptables,
  kNftables,
  kIpvs,
  kUnknown,  ///< Its mode cannot be read, or it is unknown whether it runs.
};

struct Kubernetes {
  std::string sign;      ///< Evidence: "/var/lib/kubelet", "process kubelet".
  bool in_pod = false;   ///< This process runs in a pod.
  bool kubelet = false;  ///< A kubelet runs on this machine, or its files are there.
  KubeProxyMode kube_proxy = KubeProxyMode::kUnknown;
  KubeProxyOptions kube_proxy_options = {};  ///< Valid if the mode is known.
  bool cilium = false;       ///< Cilium's agent runs, or its CNI configuration exists.
  std::string distribution;  ///< "k3s", "EKS"; empty if unknown.
};

struct Place {
  /// Evidence of a container, such as "/.dockerenv"; empty if there is none.
  std::string container_sign;
  /// "lxc", "systemd-nspawn": a container that boots its own system; empty for others.
  std::string system_container;
  /// Whether this process is in the network namespace of the host's process 1, which the boot files
  /// configure.
  std::optional<bool> boot_network_namespace;
  /// Whether this process is in a user namespace other than the initial one.
  std::optional<bool> user_namespace;
  /// Whether sysctls are read-only in this mount namespace.
  std::optional<bool> proc_sys_read_only;
  /// `proc` is a mount of the host's /proc, but this process is in another network namespace.
  /// Counts and settings are still those of its own namespace: /proc/net and /proc/sys/net depend
  /// on the process that reads, not on the mount. Only /proc/PID/net shows other namespaces.
  bool host_proc_mounted_elsewhere = false;
  std::optional<Kubernetes> kubernetes;

  [[nodiscard]] bool container() const { return !container_sign.empty(); }
};

/// Like ReadPlace(), but without Kubernetes and without a search for processes: some 30 system
/// calls.
[[nodiscard]] Place ReadNamespaces(const KernelFiles& proc);

/// \brief  Returns the environment of this process.
/// Source:  /proc/self/{ns,root,cgroup,mountinfo}, /proc/1/{environ,mountinfo}, processes by name,
///          the variable KUBERNETES_SERVICE_HOST; below `root` the folders of kubelets.
/// Errors:  none; values that cannot be read are absent or unknown.
/// Threads and cost: any thread; FindProcesses(), and some hundred system calls.
[[nodiscard]] Place ReadPlace(const KernelFiles& root, const KernelFiles& proc);

/// Finds processes that belong to Kubernetes or set sysctls.
[[nodiscard]] ProcessSearch FindServices(const KernelFiles& proc);

/// Returns what is known of Kubernetes on this machine; std::nullopt if there is no evidence of it.
/// `services` is the result of FindServices().
[[nodiscard]] std::optional<Kubernetes> ReadKubernetes(const KernelFiles& root,
                                                       const KernelFiles& proc,
                                                       const ProcessSearch& services);

/// Returns whether this process is in the network namespace of the host's process 1; std::nullopt
/// if unknown.
[[nodiscard]] std::optional<bool> IsInBootNamespace(const KernelFiles& proc);

/// Returns evidence that "/" belongs to a container and not to the host; empty if there is none.
[[nodiscard]] std::string ContainerSign(const KernelFiles& proc);

/// The mount that contains a path, from the text of /proc/PID/mountinfo.
struct MountOf {
  std::string source;  ///< Device, and folder on it: "0:25 /subvolume".
  bool read_only = false;

  friend bool operator==(const MountOf&, const MountOf&) = default;
};
[[nodiscard]] std::optional<MountOf> FindMount(std::string_view mountinfo, std::string_view path);

}  // namespace conntrack::kernel
