// The configuration of kube-proxy on this machine.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/proc/kernel_files.h"
#include "kernel/proc/processes.h"

namespace conntrack::kernel {

/// Values by the names of kube-proxy's flags: {"conntrack-min", "131072"}.
using KubeProxyOptions = std::map<std::string, std::string, std::less<>>;

struct KubeProxy {
  std::string source;             ///< "process kube-proxy", or the path of its configuration file.
  KubeProxyOptions options = {};  ///< Options that are set and not null.
  std::string unknown = {};       ///< Why the options are unknown; empty if they are known.
};

/// A timeout that kube-proxy sets, unless its value is 0.
struct KubeProxyTimeout {
  std::string_view flag;
  std::string_view setting;
  std::string_view by_default;
  std::array<std::int64_t, 2> of_kernels;  ///< Default in seconds; kernel versions differ.
};

inline constexpr KubeProxyTimeout kKubeProxyTimeouts[] = {
    {"conntrack-tcp-timeout-established",
     "nf_conntrack_tcp_timeout_established",
     "24h",
     {432'000, 432'000}},
    {"conntrack-tcp-timeout-close-wait", "nf_conntrack_tcp_timeout_close_wait", "1h", {60, 60}},
    {"conntrack-udp-timeout", "nf_conntrack_udp_timeout", "0s", {30, 30}},
    {"conntrack-udp-timeout-stream", "nf_conntrack_udp_timeout_stream", "0s", {120, 180}},
};

/// \brief  Parses a KubeProxyConfiguration (v1alpha1) as kubeadm and others write it: YAML with two
///         levels and one value per line.
/// Errors:  std::nullopt for JSON, YAML in flow style, and other versions.
[[nodiscard]] std::optional<KubeProxyOptions> ParseKubeProxyConfig(std::string_view text);

/// \brief  Returns the kube-proxy among `processes`; std::nullopt if there is none. If k3s,
///         MicroK8s or OpenShift SDN run it inside their own process, its options are unknown.
/// Source:  its command line, or the file that --config names. In a container, only root may read
///          that file.
[[nodiscard]] std::optional<KubeProxy> ReadKubeProxy(const KernelFiles& proc,
                                                     const ProcessSearch& processes);

}  // namespace conntrack::kernel
