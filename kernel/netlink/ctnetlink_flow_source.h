// Flows from a ctnetlink dump.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "kernel/flow_source.h"
#include "kernel/netlink/ctnetlink_exchange.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// \brief  Estimates the longest time for which a ctnetlink dump disables softirqs on its CPU.
/// Source:  ctnetlink_dump_table() holds local_bh_disable() until 32 KiB are full, some 170 entries
///          of this namespace. All namespaces share one hash table. If this namespace has few
///          entries, the kernel walks all others in one hold. Measured on Linux 6.18: 40 ns per
///          bucket, 170 ns per entry.
/// Units:   entries of this namespace, entries of the host (including this namespace), buckets.
[[nodiscard]] std::chrono::nanoseconds EstimateSoftirqHold(std::uint64_t own_entries,
                                                           std::uint64_t host_entries,
                                                           std::uint64_t buckets);

/// \brief  FlowSource on IPCTNL_MSG_CT_GET: the kernel's own dump, parsed in place in the receive
///         buffer.
/// Source:  ctnetlink_dump_table() in nf_conntrack_netlink.c. While the table changes, an entry may
///          be missed or returned twice. A resize of the hash table restarts the walk.
///          nf_conntrack_count includes expired and unconfirmed entries, but they are not dumped.
/// Errors:  kDenied without CAP_NET_ADMIN; kHeldBack if the dump would disable softirqs for longer
///          than `max_hold` (known only if /proc/slabinfo can be read); kInterrupted, kOverrun,
///          kBusy after three tries; kAbsent without ctnetlink.
/// Threads and cost: one thread. About 2 us per flow in the kernel, one receive for some 170 flows,
///          32 KiB of memory. If the count is 0, the table is not dumped.
class CtnetlinkFlowSource final : public FlowSource {
 public:
  CtnetlinkFlowSource(NetlinkSocketFactory open, KernelFiles proc,
                      std::chrono::nanoseconds max_hold);

  [[nodiscard]] std::string_view name() const override { return "ctnetlink"; }
  [[nodiscard]] Result<void> Walk(FlowVisitor& visitor, const std::stop_token& stop) override;
  [[nodiscard]] WalkErrors errors() const override { return errors_; }

 private:
  [[nodiscard]] Result<void> CheckSoftirqHold(std::uint64_t own_entries,
                                              std::uint64_t buckets) const;
  [[nodiscard]] Result<void> Dump(FlowVisitor& visitor, const std::stop_token& stop);

  NetlinkSocketFactory open_;
  KernelFiles proc_;
  std::chrono::nanoseconds max_hold_;
  std::unique_ptr<ReceiveBuffer> buffer_ = std::make_unique<ReceiveBuffer>();
  std::uint32_t sequence_ = 0;
  WalkErrors errors_;
};

}  // namespace conntrack::kernel
