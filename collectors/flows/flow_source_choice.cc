#include "collectors/flows/flow_source_choice.h"

#include <utility>

#include "kernel/bpf/bpf_flow_source.h"
#include "kernel/fallback_flow_source.h"
#include "kernel/netlink/ctnetlink_flow_source.h"

namespace conntrack {
namespace {

using kernel::FlowSource;

std::unique_ptr<FlowSource> MakeNetlink(const KernelAccess& access,
                                        const FlowSourceOptions& options) {
  return std::make_unique<kernel::CtnetlinkFlowSource>(access.netlink, access.proc,
                                                       options.max_hold);
}

Result<std::unique_ptr<FlowSource>> MakeBpf(const KernelAccess& access,
                                            const FlowSourceOptions& options,
                                            kernel::NamespaceDetail namespaces) {
  if (!access.flow_walk) return Fail(access.flow_walk.error());
  return std::make_unique<kernel::BpfFlowSource>(*access.flow_walk, access.netlink, access.proc,
                                                 options.max_hold, namespaces);
}

}  // namespace

std::unique_ptr<FlowSource> MakeFlowSource(const KernelAccess& access,
                                           const FlowSourceOptions& options,
                                           kernel::NamespaceDetail namespaces) {
  if (options.choice == FlowSourceChoice::kNetlink) return MakeNetlink(access, options);
  auto bpf = MakeBpf(access, options, namespaces);
  if (options.choice == FlowSourceChoice::kAuto) {
    return std::make_unique<kernel::FallbackFlowSource>(std::move(bpf),
                                                        MakeNetlink(access, options));
  }
  if (bpf) return *std::move(bpf);
  return std::make_unique<kernel::UnavailableFlowSource>("bpf", std::move(bpf.error()));
}

}  // namespace conntrack
