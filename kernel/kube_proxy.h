// How the kube-proxy of this machine is configured.
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
  std::string source;             ///< "process kube-proxy", or its configuration file.
  KubeProxyOptions options = {};  ///< Those that are set and are not null.
  std::string unknown = {};       ///< Why the options are unknown; empty if they are known.
};

/// A timeout that kube-proxy sets, unless its value is 0.
struct KubeProxyTimeout {
  std::string_view flag;
  std::string_view setting;
  std::string_view by_default;
  std::array<std::int64_t, 2> of_kernels;  ///< Seconds, by default, of different kernels.
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

/// \brief  The options in a KubeProxyConfiguration (v1alpha1), as kubeadm and others write it: YAML
///         of two levels, one value a line.
/// Errors:  nothing for JSON, YAML in flow style, and other versions.
[[nodiscard]] std::optional<KubeProxyOptions> ParseKubeProxyConfig(std::string_view text);

/// \brief  The kube-proxy among `processes`; nothing if none was found. Inside the process of k3s,
///         MicroK8s or OpenShift SDN its options are unknown.
/// Source:  its command line, or the file that --config names, which only root may read in a
///          container.
[[nodiscard]] std::optional<KubeProxy> ReadKubeProxy(const KernelFiles& proc,
                                                     const ProcessSearch& processes);

}  // namespace conntrack::kernel
