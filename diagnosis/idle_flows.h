// Counts idle TCP flows.
#pragma once

#include <cstdint>

#include "kernel/flow_source.h"

namespace conntrack {

/// \brief  Counts established TCP flows without a packet for `idle_seconds`. Each packet resets the
/// remaining lifetime to the timeout of the state, so timeout minus remaining lifetime is the time
/// since the last packet. Flows with a timeout set by a rule or by ctnetlink look older than they
/// are.
/// Threads and cost: one thread fills it, then any number may read; one comparison per flow.
class IdleFlows final : public kernel::FlowVisitor {
 public:
  /// `timeout_seconds` is nf_conntrack_tcp_timeout_established.
  IdleFlows(std::uint64_t timeout_seconds, std::uint64_t idle_seconds)
      : longest_left_(timeout_seconds > idle_seconds ? timeout_seconds - idle_seconds : 0) {}

  void Begin() override { flows_ = 0; }
  void Visit(const kernel::Flow& flow) override;

  [[nodiscard]] std::uint64_t flows() const { return flows_; }

 private:
  std::uint64_t longest_left_;  // Highest remaining lifetime of an idle flow, in seconds.
  std::uint64_t flows_ = 0;
};

}  // namespace conntrack
