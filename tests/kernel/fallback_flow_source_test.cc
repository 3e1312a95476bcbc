#include "kernel/fallback_flow_source.h"

#include <gtest/gtest.h>

namespace conntrack::kernel {
namespace {

const Error kReason{ErrorKind::kAbsent, 0, "there is nothing to look up", "wait"};

/// Delivers one flow of its own protocol, or fails.
class Source final : public FlowSource {
 public:
  Source(std::string_view name, std::uint8_t protocol, std::uint64_t errors)
      : name_(name), protocol_(protocol), errors_(errors) {}

  std::string_view name() const override { return name_; }
  Result<void> Walk(FlowVisitor& visitor, const std::stop_token&) override {
    visitor.Begin();
    Flow flow;
    flow.protocol = protocol_;
    visitor.Visit(flow);
    return outcome;
  }
  WalkErrors errors() const override { return {errors_, errors_, errors_, errors_}; }
  std::optional<HashTableStats> table() const override {
    HashTableStats table;
    table.tuples = protocol_;
    return table;
  }
  unsigned threads() const override { return protocol_; }

  Result<void> outcome;

 private:
  const std::string_view name_;
  const std::uint8_t protocol_;
  const std::uint64_t errors_;
};

class Last final : public FlowVisitor {
 public:
  void Begin() override { seen = 0; }
  void Visit(const Flow& flow) override { seen = flow.protocol; }
  int seen = 0;
};

class FallbackFlowSourceTest : public testing::Test {
 protected:
  std::unique_ptr<Source> preferred_ = std::make_unique<Source>("bpf", 2, 10);
  std::unique_ptr<Source> fallback_ = std::make_unique<Source>("ctnetlink", 1, 1);
  Last visitor_;
};

TEST_F(FallbackFlowSourceTest, WalksByThePreferredOne) {
  FallbackFlowSource source(std::move(preferred_), std::move(fallback_));
  ASSERT_TRUE(source.Walk(visitor_, {}));
  EXPECT_EQ(visitor_.seen, 2);
  EXPECT_EQ(source.name(), "bpf");
  EXPECT_EQ(source.threads(), 2U);
  EXPECT_EQ(source.table()->tuples, 2U);
  EXPECT_FALSE(source.fallback_reason());
}

TEST_F(FallbackFlowSourceTest, WalksByTheOtherWhereThatFailsAndTriesAgain) {
  auto& preferred = *preferred_;
  FallbackFlowSource source(std::move(preferred_), std::move(fallback_));
  preferred.outcome = Fail(kReason);
  ASSERT_TRUE(source.Walk(visitor_, {}));
  EXPECT_EQ(visitor_.seen, 1);
  EXPECT_EQ(source.name(), "ctnetlink");
  EXPECT_EQ(source.fallback_reason(), kReason);
  EXPECT_EQ(source.threads(), 1U);

  preferred.outcome = {};
  ASSERT_TRUE(source.Walk(visitor_, {}));
  EXPECT_EQ(visitor_.seen, 2);
  EXPECT_FALSE(source.fallback_reason());
}

TEST_F(FallbackFlowSourceTest, WithoutThePreferredOneTheOtherHasItsReason) {
  FallbackFlowSource source(Fail(kReason), std::move(fallback_));
  EXPECT_EQ(source.name(), "ctnetlink");
  ASSERT_TRUE(source.Walk(visitor_, {}));
  EXPECT_EQ(visitor_.seen, 1);
  EXPECT_EQ(source.fallback_reason(), kReason);
  EXPECT_EQ(source.errors().torn, 1U);
}

TEST_F(FallbackFlowSourceTest, WhoIsAskedToStopTriesNothingElse) {
  preferred_->outcome = Fail(ErrorKind::kInterrupted, "stopped");
  FallbackFlowSource source(std::move(preferred_), std::move(fallback_));
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(source.Walk(visitor_, stop.get_token()).error().kind, ErrorKind::kInterrupted);
  EXPECT_EQ(visitor_.seen, 2);
}

TEST_F(FallbackFlowSourceTest, ErrorsAreTheSumOfBoth) {
  FallbackFlowSource source(std::move(preferred_), std::move(fallback_));
  const auto errors = source.errors();
  EXPECT_EQ(errors.interruptions, 11U);
  EXPECT_EQ(errors.overruns, 11U);
  EXPECT_EQ(errors.skipped, 11U);
  EXPECT_EQ(errors.torn, 11U);
}

TEST(UnavailableFlowSourceTest, FailsWithTheReason) {
  UnavailableFlowSource source("bpf", kReason);
  Last visitor;
  EXPECT_EQ(source.Walk(visitor, {}).error(), kReason);
  EXPECT_EQ(source.name(), "bpf");
}

}  // namespace
}  // namespace conntrack::kernel
