// A FlowSource whose walks a test controls.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "kernel/flow_source.h"

namespace conntrack::test {

/// What a source says of itself and of its last walk.
struct SourceReport {
  std::string name = "fake";
  kernel::WalkErrors errors = {.interruptions = 1, .overruns = 2, .skipped = 3, .torn = 4};
  std::optional<kernel::HashTableStats> table = std::nullopt;
  std::optional<Error> fallback_reason = std::nullopt;
  unsigned threads = 1;
};

class FakeFlowSource final : public kernel::FlowSource {
 public:
  using WalkFunction = std::function<Result<void>(kernel::FlowVisitor&, const std::stop_token&)>;

  explicit FakeFlowSource(WalkFunction walk, SourceReport report = {})
      : walk_(std::move(walk)), report_(std::move(report)) {}

  std::string_view name() const override { return report_.name; }
  Result<void> Walk(kernel::FlowVisitor& visitor, const std::stop_token& stop) override {
    visitor.Begin();
    return walk_(visitor, stop);
  }
  kernel::WalkErrors errors() const override { return report_.errors; }
  std::optional<kernel::HashTableStats> table() const override { return report_.table; }
  std::optional<Error> fallback_reason() const override { return report_.fallback_reason; }
  unsigned threads() const override { return report_.threads; }

 private:
  const WalkFunction walk_;
  const SourceReport report_;
};

}  // namespace conntrack::test
