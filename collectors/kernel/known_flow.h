// One flow of the table, to look up.
#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "collectors/kernel/flow.h"
#include "collectors/kernel/kernel_files.h"
#include "collectors/kernel/netlink_port.h"
#include "collectors/kernel/result.h"

namespace conntrack::kernel {

/// \brief  A TCP or UDP flow of this namespace in zone 0, which any program can look up; nothing
///         where the namespace has none.
/// Source, errors: of CtnetlinkFlowSource. Its dump is broken off at the first such flow, which
///          is in the first message where the namespace has some.
[[nodiscard]] Result<std::optional<Flow>> FindKnownFlow(const OpenNetlinkPort& netlink,
                                                        const KernelFiles& proc,
                                                        std::chrono::nanoseconds max_hold,
                                                        const std::stop_token& stop);

}  // namespace conntrack::kernel
