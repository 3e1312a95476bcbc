// All counts of one walk of the table.
#pragma once

#include <cstddef>
#include <optional>

#include "collectors/flows/flow_counts.h"
#include "collectors/flows/snat_ports.h"
#include "collectors/flows/talkers.h"
#include "collectors/flows/workloads.h"
#include "kernel/flow_source.h"

namespace conntrack {

/// What is counted besides FlowCounts. Unset options cost nothing.
struct FlowTallyOptions {
  std::optional<TalkersOptions> talkers;
  std::optional<std::size_t> snat_top;  ///< Number of tuples that SnatPorts names.
  std::optional<WorkloadsOptions> workloads = {};
};

/// The counts of one walk; small, whatever the number of flows.
struct FlowSummary {
  FlowCounts counts;
  std::optional<TalkersSummary> talkers;
  std::optional<SnatSummary> snat;
  std::optional<Result<WorkloadsSummary>> workloads = {};
};

/// \brief  Passes every flow of a walk to all counters.
/// Threads and cost: one thread; memory is allocated at construction and reused by the next walk.
class FlowTally final : public kernel::FlowVisitor {
 public:
  explicit FlowTally(const FlowTallyOptions& options = {}) {
    if (options.talkers) talkers_.emplace(*options.talkers);
    if (options.snat_top) snat_.emplace(*options.snat_top);
    if (options.workloads) workloads_.emplace(*options.workloads);
  }

  void Begin() override {
    counts_.Begin();
    if (talkers_) talkers_->Begin();
    if (snat_) snat_->Begin();
    if (workloads_) workloads_->Begin();
  }

  void Visit(const kernel::Flow& flow) override {
    counts_.Visit(flow);
    if (talkers_) talkers_->Visit(flow);
    if (snat_) snat_->Visit(flow);
    if (workloads_) workloads_->Visit(flow);
  }

  [[nodiscard]] const FlowCounts& counts() const { return counts_; }

  [[nodiscard]] FlowSummary Summary() const {
    FlowSummary summary{counts_, {}, {}};
    if (talkers_) summary.talkers = talkers_->Summary();
    if (snat_) summary.snat = snat_->Summary();
    if (workloads_) summary.workloads = workloads_->Summary();
    return summary;
  }

 private:
  FlowCounts counts_;
  std::optional<Talkers> talkers_;
  std::optional<SnatPorts> snat_;
  std::optional<Workloads> workloads_;
};

}  // namespace conntrack
