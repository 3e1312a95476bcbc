// Flows that outlive their use.
#pragma once

#include <cstdint>

#include "kernel/flow_source.h"

namespace conntrack {

/// \brief  Counts established TCP flows through which nothing has gone for `idle_seconds`. A packet
/// sets the remaining lifetime back to the timeout of the state: what is missing is the time since
/// the last one. Flows whose timeout a rule or ctnetlink set look older than they are.
/// Threads and cost: one thread fills it, then any number may read; a comparison a flow.
class IdleFlows final : public kernel::FlowVisitor {
 public:
  /// `timeout_seconds` is nf_conntrack_tcp_timeout_established.
  IdleFlows(std::uint64_t timeout_seconds, std::uint64_t idle_seconds)
      : longest_left_(timeout_seconds > idle_seconds ? timeout_seconds - idle_seconds : 0) {}

  void Begin() override { flows_ = 0; }
  void Visit(const kernel::Flow& flow) override;

  [[nodiscard]] std::uint64_t flows() const { return flows_; }

 private:
  std::uint64_t longest_left_;  // Remaining seconds of a flow that is just idle enough.
  std::uint64_t flows_ = 0;
};

}  // namespace conntrack
