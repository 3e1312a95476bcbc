#include "diagnosis/standing.h"

#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "diagnosis/format.h"

namespace conntrack {
namespace {

constexpr std::array<std::pair<std::string_view, const char*>, 4> kNodeConfiguration = {{
    {"OpenShift", "a Tuned object of the Node Tuning Operator, or a MachineConfig"},
    {"AKS", "linuxOSConfig.sysctls of the node pool (netNetfilterNfConntrackMax, ...Buckets)"},
    {"GKE", "linuxConfig.sysctl in the system configuration of the node pool"},
    {"EKS", "user data of the launch template, or settings.kernel.sysctl of Bottlerocket"},
}};

/// Indexed by KubeProxyMode.
constexpr std::array<const char*, 5> kKubeProxy = {
    "no kube-proxy", "kube-proxy in iptables mode", "kube-proxy in nftables mode",
    "kube-proxy in IPVS mode", "kube-proxy unknown, it may run"};

bool InAPod(const kernel::Place& place) { return place.kubernetes && place.kubernetes->in_pod; }

/// Returns "a pod"; empty outside a container.
std::string Enclosure(const kernel::Place& place) {
  if (InAPod(place)) return "a pod";
  if (!place.system_container.empty()) return "a container of " + place.system_container;
  return place.container() ? "a container" : "";
}

std::string KubernetesParts(const kernel::Kubernetes& kubernetes) {
  std::vector<std::string> parts = {
      "Kubernetes (" +
      (kubernetes.distribution.empty() ? std::string() : kubernetes.distribution + ", ") + "by " +
      kubernetes.sign + ")"};
  if (kubernetes.kubelet) parts.emplace_back("kubelet");
  parts.emplace_back(KubeProxyWords(kubernetes));
  if (kubernetes.cilium) parts.emplace_back("Cilium");
  return Join(parts, ", ");
}

/// Returns how to set timeouts and switches of this network namespace.
std::string TimeoutsHere(const kernel::Place& place) {
  if (InAPod(place)) {
    return "set timeouts with securityContext.sysctls of the pod, which the kubelet has to allow "
           "(--allowed-unsafe-sysctls)";
  }
  if (place.system_container.starts_with("lxc")) {
    return "set timeouts with lxc.sysctl.net.netfilter.NAME in the container's configuration";
  }
  if (place.container()) {
    return "set timeouts with --sysctl net.netfilter.NAME=SECONDS of the command that starts the "
           "container";
  }
  return "set timeouts with sysctl -w in the namespace";
}

}  // namespace

std::string_view KubeProxyWords(const kernel::Kubernetes& kubernetes) {
  return kKubeProxy[static_cast<std::size_t>(kubernetes.kube_proxy)];
}

std::string DescribePlace(const kernel::Place& place) {
  const auto enclosure = Enclosure(place);
  std::string text = "unknown whether this is the host's network namespace";
  if (place.boot_network_namespace == true) {
    text = enclosure.empty() ? "the host" : enclosure + " in the host's network namespace";
  } else if (place.boot_network_namespace == false) {
    text = "its own network namespace" + (enclosure.empty() ? "" : " (" + enclosure + ")");
  }
  if (place.user_namespace == true) text += ", in a user namespace";
  if (place.proc_sys_read_only == true) text += ", /proc/sys read-only";
  if (place.kubernetes) text += "; " + KubernetesParts(*place.kubernetes);
  return text;
}

std::optional<Error> WhyNotTheHost(const kernel::Place& place) {
  if (place.boot_network_namespace != false) return std::nullopt;
  std::string what =
      "Entries, flows, losses and timeouts are those of this network namespace, not of the host. "
      "Limit, buckets and memory are the host's";
  if (place.host_proc_mounted_elsewhere) {
    what +=
        ". The host's /proc is mounted here, but it shows each process its own network namespace";
  }
  const bool outside = place.host_proc_mounted_elsewhere || place.container();
  const auto* network = InAPod(place) ? "with hostNetwork: true"
                        : outside     ? "with --network host (hostNetwork: true in Kubernetes)"
                                      : "on the host itself";
  return Error{place.host_proc_mounted_elsewhere ? ErrorKind::kDenied : ErrorKind::kAbsent, 0,
               std::move(what), "to see the host's table, run it " + std::string(network)};
}

std::optional<Error> WhyNoBootFiles(const kernel::Place& place) {
  const bool own_network = place.boot_network_namespace == false;
  if (!own_network && place.user_namespace != true) return std::nullopt;
  const auto enclosure = Enclosure(place);
  const auto* of = place.user_namespace == true ? "this user namespace" : "this network namespace";
  return Error{ErrorKind::kHeldBack, 0,
               "files of sysctl.d, modprobe.d, modules-load.d and udev have no effect in " +
                   (enclosure.empty() ? std::string(of) : enclosure) +
                   ": limit and buckets can only be set on the host",
               "run advise on the host, and install the files there" +
                   (own_network ? "; " + TimeoutsHere(place) : std::string())};
}

std::string HowNodesAreConfigured(const kernel::Place& place) {
  if (!place.kubernetes) return "";
  for (const auto& [distribution, how] : kNodeConfiguration) {
    if (distribution == place.kubernetes->distribution) return how;
  }
  return "the image or configuration of the nodes (kops: sysctlParameters)";
}

}  // namespace conntrack
