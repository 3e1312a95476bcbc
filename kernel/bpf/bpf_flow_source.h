// FlowSource that walks the kernel's hash table with BPF.
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
/// Source:  nf_conntrack_hash, walked by kernel/bpf/flow_walk.bpf.c. Returns the same flows as a
///          ctnetlink dump. The address of the table comes from the kernel's symbols, or from a
///          flow that is looked up before and after each walk. The address is verified: chains must
///          end like those of that table. If the table was replaced, the walk restarts. While the
///          table changes, an entry may be missed or returned twice, as in a dump.
/// Errors:  kAbsent, kDenied from TableLocator; kHeldBack if a chain has more than FLOW_WALK_CHAIN
///          entries; kInterrupted after three tries in which the table moved or its address was
///          wrong; kDenied, kHeldBack from the dump that finds a flow to look up.
/// Threads and cost: batches() threads of the programs. 0.3 to 0.4 us per flow of the host on one
///          thread, in runs of less than a millisecond that do not delay softirqs; 240 kB per
///          thread. NamespaceDetail::kStates adds 0.1 us per flow of other namespaces, and at most
///          2 kB per namespace.
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
