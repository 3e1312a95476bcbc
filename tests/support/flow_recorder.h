// A FlowVisitor that keeps what it sees.
#pragma once

#include <vector>

#include "kernel/flow_source.h"

namespace conntrack::test {

/// The flows of the walk that was begun last, and how many were.
class FlowRecorder final : public kernel::FlowVisitor {
 public:
  void Begin() override {
    flows.clear();
    ++walks;
  }
  void Visit(const kernel::Flow& flow) override { flows.push_back(flow); }

  std::vector<kernel::Flow> flows;
  int walks = 0;
};

}  // namespace conntrack::test
