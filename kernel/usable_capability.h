// Which capabilities the calling thread may use.
#pragma once

namespace conntrack::kernel {

/// \brief  Whether a capability of <linux/capability.h> is effective; also if capget(2) is refused, so
///         that the kernel decides.
/// Threads and cost: any thread, which is asked; one system call.
[[nodiscard]] bool MayUse(unsigned capability);

}  // namespace conntrack::kernel
