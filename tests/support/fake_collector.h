// A collector that does what a test says.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "collectors/collector.h"

namespace conntrack::test {

class FakeCollector final : public Collector {
 public:
  using Function = std::function<Result<Collection>(const ScrapeContext&)>;

  explicit FakeCollector(Function collect) : collect_(std::move(collect)) {}
  Result<Collection> Collect(const ScrapeContext& context) override { return collect_(context); }

 private:
  Function collect_;
};

}  // namespace conntrack::test
