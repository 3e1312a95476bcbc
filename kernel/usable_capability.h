// The effective capabilities of the calling thread.
#pragma once

namespace conntrack::kernel {

/// \brief  Returns whether a capability of <linux/capability.h> is effective. Also returns true if
///         capget(2) is refused, so that the kernel decides.
/// Threads and cost: any thread, and for that thread only; one system call.
[[nodiscard]] bool MayUse(unsigned capability);

}  // namespace conntrack::kernel
