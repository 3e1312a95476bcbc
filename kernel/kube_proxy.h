// How the kube-proxy of this machine is configured.
#pragma once

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
