// Reads the machine that advice is for.
#pragma once

#include <cstddef>

#include "collectors/flows/flow_source_choice.h"
#include "collectors/kernel_access.h"
#include "diagnosis/sizing_advice.h"

namespace conntrack::exporter::advise {

/// \brief  Reads all that advice is based on; what cannot be read is named in `missing`.
///
/// Source:  /proc/meminfo, sys/kernel/osrelease, every number in sys/net/netfilter, slabinfo,
///          modules; /sys/module/nf_conntrack, devices/system/cpu; the folders of a kubelet below
///          the host's root; one walk of the table by the source of flows that was
///          chosen.
/// Threads and cost: any thread; some 300 system calls, and the walk.
[[nodiscard]] Machine Gather(const KernelAccess& access, const FlowSourceOptions& flows,
                             std::size_t top_services);

}  // namespace conntrack::exporter::advise
