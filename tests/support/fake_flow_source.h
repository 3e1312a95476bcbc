// A FlowSource whose walks a test controls.
#pragma once

#include <functional>
#include <utility>

#include "collectors/kernel/flow_source.h"

namespace conntrack::test {

class FakeFlowSource final : public kernel::FlowSource {
 public:
  using WalkFunction = std::function<Result<void>(kernel::FlowVisitor&, const std::stop_token&)>;

  explicit FakeFlowSource(WalkFunction walk) : walk_(std::move(walk)) {}

  std::string_view name() const override { return "fake"; }
  Result<void> Walk(kernel::FlowVisitor& visitor, const std::stop_token& stop) override {
    visitor.Begin();
    return walk_(visitor, stop);
  }
  kernel::WalkTroubles troubles() const override {
    return {.interruptions = 1, .overruns = 2, .skipped = 3};
  }

 private:
  WalkFunction walk_;
};

}  // namespace conntrack::test
