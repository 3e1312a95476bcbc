// Flows from a BPF walk of the kernel's hash table.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/bpf/table_locator.h"
#include "kernel/flow_source.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// \brief  FlowSource on BPF programs that read the hash table in place: no locks, no messages.
/// Source:  nf_conntrack_hash, walked by kernel/bpf/flow_walk.bpf.c; yields what a ctnetlink dump
///          would. The table's address comes from the kernel's symbols, or from a flow that is
///          looked up before and after each walk, and is verified: chains have to end as those of
///          that table do. If the table was replaced, the walk restarts. Under churn an entry may
///          be missed or come twice, as in a dump.
/// Errors:  kAbsent, kDenied of TableLocator; kHeldBack if a chain has more than FLOW_WALK_CHAIN
///          entries; kInterrupted after three tries, in which the table moved or its address was
///          wrong; kDenied, kHeldBack of the dump that finds a flow to look up.
/// Threads and cost: batches() of the programs. 0.3 to 0.4 us a flow of the host on one thread, in
///          runs of less than a millisecond, for which no softirq waits; 240 kB a thread.
///          NamespaceDetail::kStates adds 0.1 us for each flow of another namespace, and at most
///          2 kB for each namespace.
class BpfFlowSource final : public FlowSource {
 public:
  BpfFlowSource(std::shared_ptr<FlowWalkPrograms> programs, NetlinkSocketFactory netlink,
                KernelFiles proc, std::chrono::nanoseconds max_hold,
                NamespaceDetail namespaces = NamespaceDetail::kNone);

  [[nodiscard]] std::string_view name() const override { return "bpf"; }
  [[nodiscard]] Result<void> Walk(FlowVisitor& visitor, const std::stop_token& stop) override;
  [[nodiscard]] WalkErrors errors() const override { return errors_; }
  [[nodiscard]] std::optional<HashTableStats> table() const override { return table_; }
  [[nodiscard]] unsigned threads() const override { return programs_->batches(); }

 private:
  [[nodiscard]] Result<void> WalkOnce(FlowVisitor& visitor, const std::stop_token& stop);

  const std::shared_ptr<FlowWalkPrograms> programs_;
  const KernelFiles proc_;
  const NamespaceDetail namespaces_;
  TableLocator locator_;
  std::optional<HashTableStats> table_;  // of the last walk
  WalkErrors errors_;
};

}  // namespace conntrack::kernel
