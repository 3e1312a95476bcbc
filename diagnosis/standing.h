// What the place of this process means: which host or namespace its figures belong to, and where
// settings take effect.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/place.h"
#include "kernel/result.h"

namespace conntrack {

/// "the host", "a container in the host's network namespace", "its own network namespace (a pod)",
/// and the components of Kubernetes found.
[[nodiscard]] std::string DescribePlace(const kernel::Place& place);

/// "no kube-proxy", "kube-proxy in IPVS mode", "kube-proxy unknown, it may run".
[[nodiscard]] std::string_view KubeProxyWords(const kernel::Kubernetes& kubernetes);

/// \brief  Says that the figures are not the host's, and how to see the host's. Nothing in the
/// host's network namespace, and where that is unknown. kDenied where the host's /proc is mounted
/// elsewhere, which shows that the host's figures are wanted; kAbsent otherwise.
[[nodiscard]] std::optional<Error> WhyNotTheHost(const kernel::Place& place);

/// Why sysctl.d, modprobe.d, modules-load.d and udev rules have no effect here, and what to use
/// instead; nothing where they do, once installed on the host.
[[nodiscard]] std::optional<Error> WhyNoBootFiles(const kernel::Place& place);

/// How settings survive the replacement of a node; empty without Kubernetes.
[[nodiscard]] std::string HowNodesAreConfigured(const kernel::Place& place);

}  // namespace conntrack
