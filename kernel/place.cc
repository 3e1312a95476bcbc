#include "kernel/place.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>

#include "kernel/boot/root_files.h"
#include "kernel/kube_proxy.h"
#include "kernel/namespaces/namespace_name.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

// Inodes of the initial namespaces, the same on every kernel since 3.8 (PROC_PID_INIT_INO and
// PROC_USER_INIT_INO).
constexpr const char* kFirstPidNamespace = "pid:[4026531836]";
constexpr const char* kFirstUserNamespace = "user:[4026531837]";

constexpr const char* kInPod = "KUBERNETES_SERVICE_HOST";

std::optional<bool> IsFirst(const KernelFiles& proc, const char* link, std::string_view first) {
  const auto target = proc.ReadLink(link);
  if (!target) return std::nullopt;
  return *target == first;
}

std::optional<CgroupKind> OwnCgroup(const KernelFiles& proc) {
  const auto text = proc.Read("self/cgroup");
  const auto name = text ? NameFromCgroup(*text) : std::nullopt;
  return name ? std::optional(name->kind) : std::nullopt;
}

bool IsInPod(const KernelFiles& proc) {
  return std::getenv(kInPod) != nullptr || OwnCgroup(proc) == CgroupKind::kPod;
}

/// Returns the kind of container, as its manager names it. systemd-detect-virt reads the same
/// files.
std::string NamedContainer(const KernelFiles& proc) {
  if (const auto name = proc.Read("self/root/run/systemd/container")) {
    return std::string(Strip(*name));
  }
  if (const auto environment = proc.Read("1/environ")) {
    for (std::string_view rest = *environment; !rest.empty();) {
      auto variable = TakeUntil(rest, '\0');
      if (TakePrefix(variable, "container=")) return std::string(variable);
    }
  }
  // A host with OpenVZ has both, a container only /proc/vz.
  return proc.Inode("vz") && !proc.Inode("bc") ? "openvz" : "";
}

std::string SystemContainer(const KernelFiles& proc) {
  auto name = NamedContainer(proc);
  for (const auto* kind : {"lxc", "systemd-nspawn", "openvz", "wsl"}) {
    if (name.starts_with(kind)) return name;
  }
  return {};
}

std::optional<MountOf> MountIn(const KernelFiles& proc, const char* mountinfo, const char* path) {
  return FindMount(proc.Read(mountinfo).value_or(""), path);
}

/// Returns whether "/" is another file system than the root of the host's process 1. The mount
/// namespace does not show this: systemd services have their own, with the host's root.
std::optional<bool> HasOwnRoot(const KernelFiles& proc) {
  if (!ShowsHostProcesses(proc)) return std::nullopt;
  const auto own = MountIn(proc, "self/mountinfo", "/");
  const auto first = MountIn(proc, "1/mountinfo", "/");
  if (!own || !first) return std::nullopt;
  return own->source != first->source;
}

struct Sign {
  std::string_view name;  // process name, or path
  std::string_view distribution = {};
  bool kubelet = false;  // it runs a kubelet; k3s and MicroK8s do so inside their own process
};

constexpr Sign kServices[] = {{"kubelet", "", true},
                              {"kubelite", "MicroK8s", true},
                              {"k3s-server", "k3s", true},
                              {"k3s-agent", "k3s", true},
                              {"openshift-sdn-n", "OpenShift"},
                              {"openshift-tuned", "OpenShift"},
                              {"machine-config-", "OpenShift"},
                              {"rke2", "RKE2"},
                              {"k0s", "k0s"},
                              {"kube-proxy"},
                              {"cilium-agent"},
                              {"tuned"},
                              {"pve-firewall"}};

// Files of kubelets, specific distributions first. Some are in /etc and /usr, for containers that
// see no other folders of the host.
constexpr Sign kFolders[] = {{"/var/lib/rancher/k3s", "k3s"},
                             {"/etc/rancher/k3s", "k3s"},
                             {"/etc/rancher/rke2", "RKE2"},
                             {"/var/lib/k0s/kubelet", "k0s"},
                             {"/etc/k0s", "k0s"},
                             {"/var/snap/microk8s", "MicroK8s"},
                             {"/etc/eks", "EKS"},
                             {"/etc/kubernetes/azure.json", "AKS"},
                             {"/home/kubernetes", "GKE"},
                             {"/etc/srv/kubernetes", "GKE"},
                             {"/etc/machine-config-daemon", "OpenShift"},
                             {"/var/lib/kubelet"},
                             {"/etc/kubernetes/kubelet.conf"},
                             {"/etc/kubernetes/kubelet"},
                             {"/etc/systemd/system/kubelet.service"},
                             {"/usr/lib/systemd/system/kubelet.service"},
                             {"/lib/systemd/system/kubelet.service"},
                             {"/usr/bin/kubelet"},
                             {"/usr/local/bin/kubelet"}};

bool IsThere(const RootFiles& root, std::string_view path) {
  const auto resolved = root.Resolve(path);
  return resolved || resolved.error().kind == ErrorKind::kDenied;
}

KubeProxyMode ModeOf(const KubeProxy& proxy) {
  if (!proxy.unknown.empty()) return KubeProxyMode::kUnknown;
  const auto mode = proxy.options.find("proxy-mode");
  if (mode == proxy.options.end() || mode->second.empty() || mode->second == "iptables") {
    return KubeProxyMode::kIptables;
  }
  if (mode->second == "nftables") return KubeProxyMode::kNftables;
  return mode->second == "ipvs" ? KubeProxyMode::kIpvs : KubeProxyMode::kUnknown;
}

}  // namespace

std::optional<MountOf> FindMount(std::string_view mountinfo, std::string_view path) {
  std::optional<MountOf> found;
  std::size_t longest = 0;
  while (!mountinfo.empty()) {
    auto line = TakeLine(mountinfo);
    (void)TakeWord(line);  // mount ID
    (void)TakeWord(line);  // parent ID
    const auto device = TakeWord(line);
    const auto folder = TakeWord(line);
    const auto point = TakeWord(line);
    const auto options = TakeWord(line);
    const auto length = point == "/" ? 0 : point.size();
    const bool holds =
        path.starts_with(point) && (length == 0 || path.size() == length || path[length] == '/');
    // A later mount hides an earlier one at the same mount point.
    if (point.empty() || !holds || (found && length < longest)) continue;
    longest = length;
    const auto of_file_system = line.substr(line.rfind(' ') + 1);
    found = MountOf{std::string(device).append(" ").append(folder),
                    options.starts_with("ro") || of_file_system.starts_with("ro")};
  }
  return found;
}

std::optional<bool> IsInBootNamespace(const KernelFiles& proc) {
  // Exists only in the initial network namespace.
  if (proc.Inode("sys/net/nf_conntrack_max")) return true;
  if (ShowsHostProcesses(proc)) {
    if (const auto shared = ShareNetworkNamespace(proc, "1", "self")) return shared;
  }
  if (proc.Inode("sys/net/netfilter/nf_conntrack_max")) return false;
  return std::nullopt;
}

std::string ContainerSign(const KernelFiles& proc) {
  if (const auto own_root = HasOwnRoot(proc)) {
    return *own_root ? "the root file system is not that of the host's process 1" : "";
  }
  if (const auto name = NamedContainer(proc); !name.empty()) return "container=" + name;
  if (std::getenv(kInPod) != nullptr) return kInPod;
  for (const auto* file : {"/.dockerenv", "/run/.containerenv"}) {
    if (proc.Inode(std::string("self/root") + file)) return file;
  }
  const auto cgroup = OwnCgroup(proc);
  if (cgroup && *cgroup != CgroupKind::kUnit) return "/proc/self/cgroup";
  if (!IsFirst(proc, "self/ns/pid", kFirstPidNamespace).value_or(true)) {
    return "a PID namespace of its own";
  }
  return {};
}

ProcessSearch FindServices(const KernelFiles& proc) {
  std::vector<std::string_view> names;
  for (const auto& service : kServices) names.push_back(service.name);
  return FindProcesses(proc, names);
}

std::optional<Kubernetes> ReadKubernetes(const KernelFiles& root, const KernelFiles& proc,
                                         const ProcessSearch& services) {
  const RootFiles files(root);
  Kubernetes kubernetes;
  kubernetes.in_pod = IsInPod(proc);
  kubernetes.kubelet = !services.complete;
  const auto folder =
      std::ranges::find_if(kFolders, [&](const Sign& sign) { return IsThere(files, sign.name); });
  if (folder != std::end(kFolders)) {
    kubernetes.sign = folder->name;
    kubernetes.distribution = folder->distribution;
  } else if (kubernetes.in_pod) {
    kubernetes.sign = kInPod;
  }
  // Backwards, so that the first match of the table wins.
  for (auto service = std::rbegin(kServices); service != std::rend(kServices); ++service) {
    if (services.Find(service->name) == nullptr) continue;
    if (service->kubelet) kubernetes.sign = "process " + std::string(service->name);
    kubernetes.kubelet = kubernetes.kubelet || service->kubelet;
    if (!service->distribution.empty()) kubernetes.distribution = service->distribution;
  }
  if (kubernetes.sign.empty()) return std::nullopt;
  kubernetes.cilium = services.complete ? services.Find("cilium-agent") != nullptr
                                        : IsThere(files, "/etc/cni/net.d/05-cilium.conflist");
  if (const auto proxy = ReadKubeProxy(proc, services)) {
    kubernetes.kube_proxy = ModeOf(*proxy);
    kubernetes.kube_proxy_options = proxy->options;
  } else if (services.complete) {
    kubernetes.kube_proxy = KubeProxyMode::kNone;
  }
  return kubernetes;
}

Place ReadNamespaces(const KernelFiles& proc) {
  Place place;
  place.container_sign = ContainerSign(proc);
  if (place.container()) place.system_container = SystemContainer(proc);
  place.boot_network_namespace = IsInBootNamespace(proc);
  if (const auto first = IsFirst(proc, "self/ns/user", kFirstUserNamespace)) {
    place.user_namespace = !*first;
  }
  if (const auto mount = MountIn(proc, "self/mountinfo", "/proc/sys/net/netfilter")) {
    place.proc_sys_read_only = mount->read_only;
  }
  place.host_proc_mounted_elsewhere = (proc.root() / "").lexically_normal() != "/proc/" &&
                                      ShowsHostProcesses(proc) &&
                                      place.boot_network_namespace == false;
  return place;
}

Place ReadPlace(const KernelFiles& root, const KernelFiles& proc) {
  auto place = ReadNamespaces(proc);
  place.kubernetes = ReadKubernetes(root, proc, FindServices(proc));
  return place;
}

}  // namespace conntrack::kernel
