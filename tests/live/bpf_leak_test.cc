// What is left behind by walks, and by loading the programs.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "tests/live/walked_table.h"

namespace conntrack {
namespace {

using BpfLeak = test::WalkedTable;

std::size_t OpenDescriptors() {
  const std::filesystem::directory_iterator folder("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(folder), end(folder)));
}

/// 0 in a build with a sanitizer, which keeps what was freed for a while, and finds leaks by itself.
std::size_t ResidentKilobytes() {
#ifdef CONNTRACK_SANITIZED
  return 0;
#endif
  const auto text = kernel::KernelFiles("/proc").Read("self/status").value();
  return std::strtoull(text.c_str() + text.find("RssAnon:") + 8, nullptr, 10);
}

/// What `action` adds to the memory of this process, at the least of some times: a leak is one each
/// time, and an allocator that happens to ask for more is not.
template <class Action>
std::size_t LeastGrowth(Action action) {
  auto least = std::numeric_limits<std::size_t>::max();
  for (int i = 0; i < 4; ++i) {
    const auto before = ResidentKilobytes();
    action();
    const auto after = ResidentKilobytes();
    least = std::min(least, after > before ? after - before : 0);
  }
  return least;
}

TEST_F(BpfLeak, TenThousandWalksLeakNothing) {
  test::FillNumbered(0, 100, 3600);
  auto bpf = Bpf(Programs());
  const auto walk = [&](int times) {
    for (int i = 0; i < times; ++i) ASSERT_EQ(Walk(bpf).size(), 100U);
  };
  walk(100);
  const auto descriptors = OpenDescriptors();
  EXPECT_LE(LeastGrowth([&] { walk(2500); }), 128U);
  EXPECT_EQ(OpenDescriptors(), descriptors);  // maps and programs of BPF are descriptors too
}

TEST_F(BpfLeak, LoadingAgainAndAgainLeaksNothing) {
  const auto load = [&](int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(kernel::LoadFlowWalkPrograms(proc_, sys_, 2));
  };
  load(5);
  const auto descriptors = OpenDescriptors();
  EXPECT_LE(LeastGrowth([&] { load(8); }), 512U);
  EXPECT_EQ(OpenDescriptors(), descriptors);
}

}  // namespace
}  // namespace conntrack
