// What the live tests of the BPF walk have in common.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <tuple>
#include <vector>

#include "kernel/bpf/bpf_flow_source.h"
#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/netlink/ctnetlink_flow_source.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/proc/sysctl.h"
#include "tests/live/varied_table.h"
#include "tests/support/flow_recorder.h"
#include "tests/support/host_netlink.h"

namespace conntrack::test {

/// Everything of a flow but the time that it has left.
inline auto KeyOf(const kernel::Flow& flow) {
  return std::tie(flow.family, flow.protocol, flow.state, flow.status, flow.zone, flow.reply_zone,
                  flow.original.source, flow.original.destination, flow.original.source_port,
                  flow.original.destination_port, flow.reply.source, flow.reply.destination,
                  flow.reply.source_port, flow.reply.destination_port);
}

inline std::vector<kernel::Flow> Sorted(std::vector<kernel::Flow> flows) {
  std::sort(flows.begin(), flows.end(),
            [](const auto& a, const auto& b) { return KeyOf(a) < KeyOf(b); });
  return flows;
}

/// Both are of the same table, `passed` apart: the second has no more time left than the first.
inline void ExpectSameFlows(std::vector<kernel::Flow> first, std::vector<kernel::Flow> second,
                            std::chrono::steady_clock::duration passed) {
  first = Sorted(std::move(first));
  second = Sorted(std::move(second));
  ASSERT_EQ(first.size(), second.size());
  const auto most = 1 + std::chrono::ceil<std::chrono::seconds>(passed).count();
  for (std::size_t i = 0; i < first.size(); ++i) {
    const auto& [a, b] = std::tie(first[i], second[i]);
    EXPECT_EQ(KeyOf(a), KeyOf(b)) << "protocol " << int{a.protocol};
    ASSERT_EQ(a.timeout.has_value(), b.timeout.has_value());
    if (!a.timeout) continue;
    EXPECT_LE(*b.timeout, *a.timeout);
    EXPECT_LE(*a.timeout, *b.timeout + most);
  }
}

inline std::uint64_t BucketsOf(const kernel::HashTableStats& table) {
  return std::accumulate(table.chains.begin(), table.chains.end(), table.longer_chains);
}

/// A namespace of the test's own, with an empty table, and the programs loaded.
class WalkedTable : public testing::Test {
 protected:
  void SetUp() override {
    const auto why_not = EnterOwnNamespace();
    if (!why_not.empty()) {
      GTEST_SKIP() << "SKIPPED: no network namespace of our own: " << why_not;
    }
    const auto programs = kernel::LoadFlowWalkPrograms(proc_, sys_, 1, reading_);
    if (!programs) {
      GTEST_SKIP() << "SKIPPED: no BPF walk here: " << programs.error().message << "; "
                   << programs.error().remedy;
    }
    programs_ = *programs;
    ASSERT_TRUE(kernel::ReadSysctl(proc_, "nf_conntrack_buckets"));
  }

  [[nodiscard]] std::shared_ptr<kernel::FlowWalkPrograms> Programs(unsigned threads = 1) const {
    return threads == 1 ? programs_
                        : kernel::LoadFlowWalkPrograms(proc_, sys_, threads, reading_).value();
  }

  /// For a kernel that does not show where the table is, whatever this one shows.
  [[nodiscard]] static std::shared_ptr<kernel::FlowWalkPrograms> ProgramsThatLookUp(
      unsigned threads = 1) {
    const kernel::KernelFiles nowhere("/nowhere");
    return kernel::LoadFlowWalkPrograms(nowhere, nowhere, threads).value();
  }

  [[nodiscard]] kernel::BpfFlowSource Bpf(std::shared_ptr<kernel::FlowWalkPrograms> programs,
                                          kernel::NamespaceDetail namespaces = {}) const {
    return {std::move(programs), test::OpenHostNetlink, proc_, kEver, namespaces};
  }

  [[nodiscard]] kernel::CtnetlinkFlowSource Ctnetlink() const {
    return {test::OpenHostNetlink, proc_, kEver};
  }

  [[nodiscard]] std::uint64_t Sysctl(const char* name) const {
    return static_cast<std::uint64_t>(kernel::ReadSysctl(proc_, name).value());
  }

  static std::vector<kernel::Flow> Walk(kernel::FlowSource& source) {
    FlowRecorder seen;
    const auto walked = source.Walk(seen, {});
    EXPECT_TRUE(walked) << source.name() << ": " << walked.error().message;
    return walked ? std::move(seen.flows) : std::vector<kernel::Flow>{};
  }

  /// What `bpf` delivers of a table of so many flows: the same as the dump.
  [[nodiscard]] std::vector<kernel::Flow> WalkAsDumped(kernel::BpfFlowSource& bpf,
                                                       std::size_t flows) const {
    auto netlink = Ctnetlink();
    const auto began = std::chrono::steady_clock::now();
    const auto dumped = Walk(netlink);
    auto walked = Walk(bpf);
    EXPECT_EQ(walked.size(), flows);
    ExpectSameFlows(dumped, walked, std::chrono::steady_clock::now() - began);
    return walked;
  }

  static constexpr auto kEver = std::chrono::hours(1);
  const kernel::KernelFiles proc_{"/proc"};
  kernel::WalkReading reading_ = kernel::WalkReading::kBest;
  const kernel::KernelFiles sys_{"/sys"};
  std::shared_ptr<kernel::FlowWalkPrograms> programs_;
};

/// The same for each of the two walks.
class TableWalkedEachWay : public WalkedTable,
                           public testing::WithParamInterface<kernel::WalkReading> {
 protected:
  void SetUp() override {
    reading_ = GetParam();
    WalkedTable::SetUp();
  }
};

inline const auto kEachWay =
    testing::Values(kernel::WalkReading::kBest, kernel::WalkReading::kCopy);

inline std::string WayName(const testing::TestParamInfo<kernel::WalkReading>& info) {
  return info.param == kernel::WalkReading::kCopy ? "ByCopy" : "Best";
}

}  // namespace conntrack::test
