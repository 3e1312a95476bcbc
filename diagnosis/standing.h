// Describes the host or namespace of the figures, and where settings take effect.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/place.h"
#include "kernel/result.h"

namespace conntrack {

/// Returns "the host", "a container in the host's network namespace", "its own network namespace (a
/// pod)", and the components of Kubernetes found.
[[nodiscard]] std::string DescribePlace(const kernel::Place& place);

/// Returns "no kube-proxy", "kube-proxy in IPVS mode" or "kube-proxy unknown, it may run".
[[nodiscard]] std::string_view KubeProxyWords(const kernel::Kubernetes& kubernetes);

/// \brief  Returns why the figures are not the host's, and how to see the host's. std::nullopt in
/// the host's network namespace, or if that is unknown. kDenied if the host's /proc is mounted
/// elsewhere, which shows that the user wants the host's figures; otherwise kAbsent.
[[nodiscard]] std::optional<Error> WhyNotTheHost(const kernel::Place& place);

/// Returns why sysctl.d, modprobe.d, modules-load.d and udev rules have no effect here, and what to
/// use instead. std::nullopt if they have an effect once installed on the host.
[[nodiscard]] std::optional<Error> WhyNoBootFiles(const kernel::Place& place);

/// Returns how to keep settings when a node is replaced; empty without Kubernetes.
[[nodiscard]] std::string HowNodesAreConfigured(const kernel::Place& place);

}  // namespace conntrack
