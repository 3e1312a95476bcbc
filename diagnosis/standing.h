// What the place of this process means: whose figures it reads, and where settings take effect.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/place.h"
#include "kernel/result.h"

namespace conntrack {

/// "the host", "a container in the host's network", "a network namespace of its own in a pod", and
/// the parts of Kubernetes that are there.
[[nodiscard]] std::string DescribePlace(const kernel::Place& place);

/// "no kube-proxy", "kube-proxy in IPVS mode", "kube-proxy not known, it may run".
[[nodiscard]] std::string_view KubeProxyWords(const kernel::Kubernetes& kubernetes);

/// \brief  That figures are those of another network namespace than the host's, and what to do for
/// the host's; nothing on the host, in its network, and where that is not known.
/// kDenied where the host's /proc is mounted elsewhere, which shows that the host's are meant;
/// kAbsent otherwise.
[[nodiscard]] std::optional<Error> WhyNotTheHost(const kernel::Place& place);

/// Why sysctl.d, modprobe.d, modules-load.d and udev rules have no effect here, and what has;
/// nothing where they have, if they are installed on the host.
[[nodiscard]] std::optional<Error> WhyNoBootFiles(const kernel::Place& place);

/// How settings last where nodes are made anew; empty without Kubernetes.
[[nodiscard]] std::string HowNodesAreConfigured(const kernel::Place& place);

}  // namespace conntrack
