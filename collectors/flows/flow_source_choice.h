// The choice of the source of flows.
#pragma once

#include <chrono>
#include <memory>

#include "collectors/kernel_access.h"
#include "kernel/flow_source.h"

namespace conntrack {

/// --collector.flows.source
enum class FlowSourceChoice {
  kAuto,     ///< BPF if possible, otherwise netlink.
  kNetlink,  ///< The kernel's dump.
  kBpf,      ///< BPF, or an error.
};

struct FlowSourceOptions {
  FlowSourceChoice choice = FlowSourceChoice::kAuto;
  unsigned threads = 1;  ///< Threads of the BPF walk.
  /// See CtnetlinkFlowSource.
  std::chrono::nanoseconds max_hold = std::chrono::milliseconds(100);
};

/// Makes the chosen source, with the BPF walk of `access`. `namespaces` applies to sources that see
/// all namespaces.
[[nodiscard]] std::unique_ptr<kernel::FlowSource> MakeFlowSource(
    const KernelAccess& access, const FlowSourceOptions& options,
    kernel::NamespaceDetail namespaces = kernel::NamespaceDetail::kNone);

}  // namespace conntrack
