// A FlowWalkPrograms with an invented hash table.
#pragma once

#include <cerrno>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "kernel/bpf/flow_walk_programs.h"

namespace conntrack::test {

/// An IPv4 flow of TCP in ESTABLISHED, with some time to go.
[[nodiscard]] inline flow_walk_flow WalkedFlow(std::uint8_t protocol = 6) {
  flow_walk_flow flow{};
  flow.original = {{0x0100000a, 0}, {0x0200000a, 0}, 0xe803, 0x5000};  // 10.0.0.1:1000 10.0.0.2:80
  flow.reply = {{0x0200000a, 0}, {0x0100000a, 0}, 0x5000, 0xe803};
  flow.status = 0x18e;
  flow.jiffies_left = 1000;
  flow.family = 2;
  flow.protocol = protocol;
  flow.state = 3;
  return flow;
}

/// What the kernel's programs would do, as far as a test does not say otherwise.
class FakeFlowWalkPrograms final : public kernel::FlowWalkPrograms {
 public:
  static constexpr std::uint64_t kTable = 0xffff888000000000;
  static constexpr kernel::OwnNamespace kOwn{0xffff888100000000, 4026531840};

  /// The flows of a bucket, each in a chain of its own direction.
  std::map<std::uint32_t, std::vector<flow_walk_flow>> table;
  /// Called before each run, which fails with what it yields.
  std::function<Result<void>(flow_walk_batch&)> before_run = [](auto&) { return Result<void>{}; };
  std::function<Result<kernel::FlowLocation>()> find = [] {
    return kernel::FlowLocation{kTable, 5};
  };
  /// Of a kernel that shows its variables; then the table is kTable, of this generation.
  Result<kernel::TableVariables> shown;
  std::function<void()> forget = [] {};
  std::uint32_t generation = 2;
  int searches = 0;

  explicit FakeFlowWalkPrograms(unsigned batches = 1) {
    for (unsigned i = 0; i < batches; ++i) batches_.push_back(std::make_unique<flow_walk_batch>());
  }

  unsigned batches() const override { return static_cast<unsigned>(batches_.size()); }
  flow_walk_batch& batch(unsigned index) override { return *batches_[index]; }
  Result<kernel::TableVariables> FindVariables() override { return shown; }
  void ForgetVariables() override { forget(); }
  Result<kernel::OwnNamespace> FindOwnNamespace() override { return kOwn; }

  Result<kernel::FlowLocation> FindTable(const kernel::Flow&) override {
    ++searches;
    return find();
  }

  Result<void> Run(unsigned index) override {
    const std::lock_guard lock(mutex_);
    auto& batch = *batches_[index];
    if (auto fine = before_run(batch); !fine) return fine;
    if (batch.table_symbol != 0) {
      batch.table = kTable;
      batch.generation = generation;
    }
    batch.flows = 0;
    for (unsigned read = 0; read < FLOW_WALK_BUCKETS && batch.bucket < batch.end; ++read) {
      const auto found = table.find(batch.bucket++);
      if (found == table.end()) {
        ++batch.chains[0];
        continue;
      }
      const auto& flows = found->second;
      batch.tuples += flows.size();
      ++batch.chains[flows.size() <= 2 ? flows.size() : flows.size() <= 4 ? 3 : 4];
      if (flows.size() > batch.longest) batch.longest = flows.size();
      for (const auto& flow : flows) batch.flow[batch.flows++] = flow;
    }
    return {};
  }

 private:
  std::vector<std::unique_ptr<flow_walk_batch>> batches_;
  std::mutex mutex_;
};

}  // namespace conntrack::test
