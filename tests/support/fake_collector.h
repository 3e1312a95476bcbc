// A collector that does what a test says.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "collectors/collector.h"

namespace conntrack::test {

class FakeCollector final : public Collector {
 public:
  using Function = std::function<Result<Collection>(const ScrapeContext&)>;

  /// `waits_for` is what WaitsFor() yields: without it, the collector reads.
  explicit FakeCollector(Function collect,
                         std::optional<std::chrono::steady_clock::duration> waits_for = {})
      : collect_(std::move(collect)), waits_for_(waits_for) {}
  Result<Collection> Collect(const ScrapeContext& context) override { return collect_(context); }
  std::optional<std::chrono::steady_clock::duration> WaitsFor() const override {
    return waits_for_;
  }

 private:
  Function collect_;
  std::optional<std::chrono::steady_clock::duration> waits_for_;
};

}  // namespace conntrack::test
