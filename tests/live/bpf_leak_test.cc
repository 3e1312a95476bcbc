// What is left behind by walks, and by loading the programs.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

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

TEST_F(BpfLeak, TenThousandWalksLeakNothing) {
  test::FillNumbered(0, 100, 3600);
  auto bpf = Bpf(Programs());
  const auto walk = [&](int times) {
    for (int i = 0; i < times; ++i) ASSERT_EQ(Walk(bpf).size(), 100U);
  };
  walk(100);
  const auto descriptors = OpenDescriptors();
  const auto memory = ResidentKilobytes();
  walk(10'000);
  EXPECT_EQ(OpenDescriptors(), descriptors);  // maps and programs of BPF are descriptors too
  EXPECT_LE(ResidentKilobytes(), memory + 512);
}

TEST_F(BpfLeak, LoadingAgainAndAgainLeaksNothing) {
  const auto load = [&](int times) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(kernel::LoadFlowWalkPrograms(proc_, 2));
  };
  load(5);
  const auto descriptors = OpenDescriptors();
  const auto memory = ResidentKilobytes();
  load(30);
  EXPECT_EQ(OpenDescriptors(), descriptors);
  EXPECT_LE(ResidentKilobytes(), memory + 2048);
}

}  // namespace
}  // namespace conntrack
