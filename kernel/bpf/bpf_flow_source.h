// Flows from a walk of the kernel's hash table.
#pragma once

#include <memory>
#include <optional>

#include "kernel/bpf/flow_walk_port.h"
#include "kernel/flow_source.h"
#include "kernel/netlink/netlink_port.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// What a walk is to do beside delivering the own namespace's flows.
struct FlowWalkOptions {
  bool count_namespaces = false;  ///< HashTableStats::namespaces.
};

/// \brief  FlowSource on BPF programs that read the hash table in place: no locks, no messages.
///
/// Source:  nf_conntrack_hash, walked by kernel/bpf/flow_walk.bpf.c. Yields what a
///          ctnetlink dump would: entries of this namespace that are confirmed, not expired and not
///          dying. Where the table is, the kernel's symbols say, or else a flow that is looked up;
///          before it is believed, chains have to end as chains of that table do. A walk during
///          which the table was replaced is forgotten and begun again: the flow is looked up before
///          and after each. Under churn an entry may be
///          missed or come twice, as in a dump.
/// Errors:  kAbsent where the table cannot be found; kMalformed where what was found is no table of
///          flows; kHeldBack where a chain has more than FLOW_WALK_CHAIN entries; kInterrupted after three
///          tries; kDenied, kHeldBack of the dump that finds a flow to look up.
/// Threads and cost: batches() of the port. 0.3 to 0.4 us a flow on one thread (make bench), in runs of less than a
///          millisecond; 240 kB of memory a thread. No softirq waits for it. What it costs is by the
///          table of the host, however few flows the own namespace has.
class BpfFlowSource final : public FlowSource {
 public:
  BpfFlowSource(std::shared_ptr<FlowWalkPrograms> port, NetlinkSocketFactory netlink,
                KernelFiles proc, std::chrono::nanoseconds max_hold, FlowWalkOptions options = {});

  [[nodiscard]] std::string_view name() const override { return "bpf"; }
  [[nodiscard]] Result<void> Walk(FlowVisitor& visitor, const std::stop_token& stop) override;
  [[nodiscard]] WalkErrors errors() const override { return errors_; }
  [[nodiscard]] std::optional<HashTableStats> table() const override { return table_; }
  [[nodiscard]] unsigned threads() const override { return port_->batches(); }

 private:
  [[nodiscard]] Result<void> WalkOnce(std::uint32_t buckets, FlowVisitor& visitor,
                                      const std::stop_token& stop);
  /// Leaves address_ where the table is now, or empty where there is nothing to find it by, and
  /// nothing in it.
  [[nodiscard]] Result<void> Locate(std::uint32_t buckets, const std::stop_token& stop);
  /// kInterrupted where the flow is not there any more.
  [[nodiscard]] Result<void> LocateBy(const Flow& flow, std::uint32_t buckets);
  /// Checks what was found before it becomes address_; `bucket` has a flow in it.
  [[nodiscard]] Result<void> VerifyTable(const TableAddress& address,
                                         std::optional<std::uint32_t> bucket,
                                         std::uint32_t buckets);

  const std::shared_ptr<FlowWalkPrograms> port_;
  const NetlinkSocketFactory netlink_;
  const KernelFiles proc_;
  const std::chrono::nanoseconds max_hold_;
  const FlowWalkOptions options_;
  std::optional<TableAddress> address_;  // as it was found and checked
  std::uint32_t buckets_ = 0;            // how many it had then
  std::optional<Flow> known_;            // by which it was found
  std::optional<HashTableStats> table_;  // of the last walk
  WalkErrors errors_;
};

}  // namespace conntrack::kernel
