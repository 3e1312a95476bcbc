// A part of the configuration of kube-proxy.
#pragma once

#include <string>

#include "exporter/commands/advise/advice.h"

namespace conntrack::exporter::advise {

/// KubeProxyConfiguration v1alpha1 with the limit and the two timeouts that kube-proxy would
/// otherwise overwrite.
[[nodiscard]] std::string KubeProxyFile(const Machine& machine, const Advice& advice);

}  // namespace conntrack::exporter::advise
