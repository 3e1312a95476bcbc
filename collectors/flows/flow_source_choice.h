// Which source the flows come from.
#pragma once

#include <chrono>
#include <memory>

#include "collectors/kernel_access.h"
#include "kernel/flow_source.h"

namespace conntrack {

/// --collector.flows.source
enum class FlowSourceChoice {
  kAuto,     ///< BPF where it can be, else netlink.
  kNetlink,  ///< The kernel's dump.
  kBpf,      ///< BPF, or an error.
};

struct FlowSourceOptions {
  FlowSourceChoice choice = FlowSourceChoice::kAuto;
  unsigned threads = 1;  ///< Of the BPF walk.
  /// See CtnetlinkFlowSource.
  std::chrono::nanoseconds max_hold = std::chrono::milliseconds(100);
};

/// The source that was chosen, with what `access` has of the BPF walk. `namespaces` is for
/// sources that see all namespaces.
[[nodiscard]] std::unique_ptr<kernel::FlowSource> MakeFlowSource(
    const KernelAccess& access, const FlowSourceOptions& options,
    kernel::NamespaceDetail namespaces = kernel::NamespaceDetail::kNone);

}  // namespace conntrack
