// Everything that is counted in one walk of the table.
#pragma once

#include <cstddef>
#include <optional>

#include "collectors/flows/flow_counts.h"
#include "collectors/flows/snat_ports.h"
#include "collectors/flows/talkers.h"
#include "kernel/flow_source.h"

namespace conntrack {

/// What is counted beside FlowCounts. What is not asked for costs nothing.
struct FlowTallyOptions {
  std::optional<TalkersOptions> talkers;
  std::optional<std::size_t> snat_top;  ///< How many tuples SnatPorts names.
};

/// What was counted in one walk; small, whatever the number of flows.
struct FlowSummary {
  FlowCounts counts;
  std::optional<TalkersSummary> talkers;
  std::optional<SnatSummary> snat;
};

/// \brief  Shows every flow of a walk to all that count it, so that one walk serves them all.
///
/// Threads and cost: one thread. The sum of what FlowCounts, Talkers and SnatPorts cost; memory is
///          taken at construction and kept for the next walk.
class FlowTally final : public kernel::FlowVisitor {
 public:
  explicit FlowTally(const FlowTallyOptions& options = {});

  void Begin() override;
  void Visit(const kernel::Flow& flow) override;

  [[nodiscard]] const FlowCounts& counts() const { return counts_; }
  [[nodiscard]] FlowSummary Summary() const;

 private:
  FlowCounts counts_;
  std::optional<Talkers> talkers_;
  std::optional<SnatPorts> snat_;
};

}  // namespace conntrack
