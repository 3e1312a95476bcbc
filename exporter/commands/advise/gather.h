// Reads the machine that advice is for.
#pragma once

#include <chrono>

#include "collectors/kernel_access.h"
#include "exporter/commands/advise/machine.h"

namespace conntrack::exporter::advise {

/// \brief  Reads all that advice is based on; what cannot be read is named in `missing`.
///
/// Source:  /proc/meminfo, sys/kernel/osrelease, every number in sys/net/netfilter, slabinfo,
///          modules; /sys/module/nf_conntrack, devices/system/cpu; the folders of a kubelet below
///          the host's root; one walk of the table (CAP_NET_ADMIN), which is not made where it
///          would hold softirqs off for longer than `max_hold`.
/// Threads and cost: any thread; some 300 system calls, and 2 us a flow.
[[nodiscard]] Machine Gather(const KernelAccess& access, std::chrono::nanoseconds max_hold,
                             std::size_t top_services);

}  // namespace conntrack::exporter::advise
