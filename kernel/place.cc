#include "kernel/place.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "kernel/boot/root_files.h"
#include "kernel/kube_proxy.h"
#include "kernel/namespaces/namespace_name.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

// The inodes of the first namespaces, the same on every kernel since 3.8 (PROC_PID_INIT_INO and
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

/// The kind of container that the manager of it names, as systemd-detect-virt reads it.
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
  // Hosts of OpenVZ have both.
  return proc.Inode("vz") && !proc.Inode("bc") ? "openvz" : "";
}

std::string SystemContainer(const KernelFiles& proc) {
  auto name = NamedContainer(proc);
  for (const auto* kind : {"lxc", "systemd-nspawn", "openvz", "wsl"}) {
    if (name.starts_with(kind)) return name;
  }
  return {};
}

/// Whether "/" is another file system than that of the host's process 1. Services of systemd have
/// a mount namespace of their own, and the host's root.
std::optional<bool> HasOwnRoot(const KernelFiles& proc) {
  if (!ShowsHostProcesses(proc)) return std::nullopt;
  const auto own = proc.Read("self/mountinfo");
  const auto first = proc.Read("1/mountinfo");
  if (!own || !first) return std::nullopt;
  const auto own_root = FindMount(*own, "/");
  const auto first_root = FindMount(*first, "/");
  if (!own_root || !first_root) return std::nullopt;
  return own_root->source != first_root->source;
}

std::optional<bool> IsProcSysReadOnly(const KernelFiles& proc) {
  const auto text = proc.Read("self/mountinfo");
  const auto mount = text ? FindMount(*text, "/proc/sys/net/netfilter") : std::nullopt;
  if (!mount) return std::nullopt;
  return mount->read_only;
}

struct Sign {
  std::string_view name;  // of a process, or a path
  std::string_view distribution = {};
};

// k3s and MicroK8s run the kubelet inside their own process.
constexpr Sign kKubelets[] = {
    {"kubelet"}, {"kubelite", "MicroK8s"}, {"k3s-server", "k3s"}, {"k3s-agent", "k3s"}};

constexpr Sign kOtherServices[] = {{"kube-proxy"},
                                   {"cilium-agent"},
                                   {"openshift-sdn-n", "OpenShift"},
                                   {"openshift-tuned", "OpenShift"},
                                   {"machine-config-", "OpenShift"},
                                   {"rke2", "RKE2"},
                                   {"k0s", "k0s"},
                                   {"tuned"},
                                   {"pve-firewall"}};

// Of kubelets, those with a distribution first. Where only /etc and /usr of the host are mounted,
// the folder of the kubelet's state is not seen.
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

std::string DistributionOf(const ProcessSearch& services, std::string_view of_folder) {
  for (const auto table :
       {std::span<const Sign>(kKubelets), std::span<const Sign>(kOtherServices)}) {
    for (const auto& [name, distribution] : table) {
      if (!distribution.empty() && services.Find(name)) return std::string(distribution);
    }
  }
  return std::string(of_folder);
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
    (void)TakeWord(line);  // its number
    (void)TakeWord(line);  // that of its parent
    const auto device = TakeWord(line);
    const auto folder = TakeWord(line);
    const auto point = TakeWord(line);
    const auto options = TakeWord(line);
    const auto length = point == "/" ? 0 : point.size();
    const bool holds =
        path.starts_with(point) && (length == 0 || path.size() == length || path[length] == '/');
    // Of two on one place the later one covers the other.
    if (point.empty() || !holds || (found && length < longest)) continue;
    longest = length;
    const auto of_file_system = line.substr(line.rfind(' ') + 1);
    found = MountOf{std::string(device).append(" ").append(folder),
                    options.starts_with("ro") || of_file_system.starts_with("ro")};
  }
  return found;
}

std::optional<bool> IsInBootNamespace(const KernelFiles& proc) {
  // Only the first network namespace of the kernel has it.
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
  for (const auto& sign : kKubelets) names.push_back(sign.name);
  for (const auto& sign : kOtherServices) names.push_back(sign.name);
  return FindProcesses(proc, names);
}

std::optional<Kubernetes> ReadKubernetes(const KernelFiles& root, const KernelFiles& proc,
                                         const ProcessSearch& services) {
  const RootFiles files(root);
  Kubernetes kubernetes;
  const auto kubelet = std::ranges::find_if(
      kKubelets, [&](const Sign& sign) { return services.Find(sign.name) != nullptr; });
  const auto folder =
      std::ranges::find_if(kFolders, [&](const Sign& sign) { return IsThere(files, sign.name); });
  const bool runs = kubelet != std::end(kKubelets);
  const bool has_folder = folder != std::end(kFolders);
  kubernetes.in_pod = IsInPod(proc);
  if (runs) {
    kubernetes.sign = "process " + std::string(kubelet->name);
  } else if (has_folder) {
    kubernetes.sign = folder->name;
  } else if (kubernetes.in_pod) {
    kubernetes.sign = kInPod;
  } else {
    return std::nullopt;
  }
  kubernetes.kubelet = runs || !services.complete;
  kubernetes.cilium = services.complete ? services.Find("cilium-agent") != nullptr
                                        : IsThere(files, "/etc/cni/net.d/05-cilium.conflist");
  kubernetes.distribution = DistributionOf(services, has_folder ? folder->distribution : "");
  if (const auto proxy = ReadKubeProxy(root, proc, services)) {
    kubernetes.kube_proxy = ModeOf(*proxy);
  } else if (services.complete) {
    kubernetes.kube_proxy = KubeProxyMode::kNone;
  }
  return kubernetes;
}

Place ReadPlace(const KernelFiles& root, const KernelFiles& proc) {
  Place place;
  place.container_sign = ContainerSign(proc);
  if (place.container()) place.system_container = SystemContainer(proc);
  place.boot_network_namespace = IsInBootNamespace(proc);
  if (const auto first = IsFirst(proc, "self/ns/user", kFirstUserNamespace)) {
    place.user_namespace = !*first;
  }
  place.proc_sys_read_only = IsProcSysReadOnly(proc);
  place.host_proc_mounted_elsewhere = (proc.root() / "").lexically_normal() != "/proc/" &&
                                      ShowsHostProcesses(proc) &&
                                      place.boot_network_namespace == false;
  place.kubernetes = ReadKubernetes(root, proc, FindServices(proc));
  return place;
}

}  // namespace conntrack::kernel
