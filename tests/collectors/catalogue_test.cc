#include "collectors/catalogue.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/support/families.h"
#include "tests/support/temp_tree.h"
#include "tests/support/test_access.h"

namespace conntrack {
namespace {

TEST(Catalogue, NamesAreUniqueAndEveryEntryIsDescribed) {
  std::set<std::string_view> names;
  for (const auto& entry : Catalogue()) {
    EXPECT_TRUE(names.insert(entry.name).second) << entry.name;
    EXPECT_FALSE(entry.summary.empty()) << entry.name;
    EXPECT_FALSE(entry.needs.empty()) << entry.name;
  }
}

TEST(Catalogue, FlagsAreDescribedAndStartWithTheDefaultsOfTheirOptions) {
  for (const auto& entry : Catalogue()) {
    std::set<std::string_view> suffixes;
    for (const auto& flag : entry.flags) {
      EXPECT_TRUE(suffixes.insert(flag.suffix).second) << entry.name << "." << flag.suffix;
      EXPECT_EQ(flag.value_name.empty(), std::holds_alternative<SwitchValue>(flag.value))
          << flag.suffix;
      EXPECT_FALSE(flag.help.empty()) << flag.suffix;
      const auto* number = std::get_if<NumberValue<std::uint64_t>>(&flag.value);
      if (number == nullptr) continue;
      EXPECT_LE(number->lowest, number->initial) << flag.suffix;
      EXPECT_LE(number->initial, number->highest) << flag.suffix;
    }
  }
}

TEST(CollectorOptions, AreThoseOfTheirTypeAndDefaultsUntilTheyAreSet) {
  struct First {
    int number = 1;
  };
  struct Second {
    unsigned number = 2;
  };
  CollectorOptions options;
  options.Get<First>().number = 7;
  const auto& read = options;
  EXPECT_EQ(read.Get<First>().number, 7);
  EXPECT_EQ(read.Get<Second>().number, 2U);
  NumberFor(&Second::number, 0, 9).set(options, 8);
  EXPECT_EQ(read.Get<Second>().number, 8U);
  const auto copy = options;
  options.Get<First>().number = 3;
  EXPECT_EQ(copy.Get<First>().number, 7);
}

TEST(Catalogue, EveryCollectorIsUsableOnceItIsMade) {
  std::vector<std::string> names;
  for (const auto& entry : Catalogue()) names.emplace_back(entry.name);
  const auto collectors =
      MakeCollectors(names, test::AccessTo("module-not-loaded"), CollectorOptions{});
  ASSERT_EQ(collectors.size(), names.size());
  for (const auto& [name, collector, max_age] : collectors) {
    const auto collection = collector->Collect(test::Patient());
    ASSERT_FALSE(collection) << name;
    // The same for every user; only the kernel's log and drivers are there without the table.
    EXPECT_EQ(collection.error().kind == ErrorKind::kNotLoaded,
              name != "kernel_log" && name != "ena")
        << name;
  }
}

TEST(Catalogue, CollectorsAreAskedAsSoonAsThereIsSomethingToRead) {
  test::TempTree tree;
  tree.Write("sys/module/nf_conntrack/initstate", "live\n");
  tree.Write("sys/module/nf_conntrack_netlink/initstate", "live\n");
  auto access = test::AccessTo("6.18-2cpu");
  access.presence = std::make_shared<const kernel::Presence>(
      access.proc, kernel::KernelFiles(tree.root() / "sys"));
  const auto collectors = MakeCollectors({"table", "flows", "events"}, access, CollectorOptions{});
  const auto kind_of = [&](std::size_t i) {
    const auto collection = collectors[i].collector->Collect(test::Patient());
    return collection ? "" : std::string(ToString(collection.error().kind));
  };
  EXPECT_EQ(kind_of(0), "");
  EXPECT_EQ(kind_of(1), "denied");
  EXPECT_EQ(kind_of(2), "denied");
  std::filesystem::remove_all(tree.root() / "sys/module/nf_conntrack_netlink");
  EXPECT_EQ(kind_of(1), "denied") << "BPF may read it all the same";
  EXPECT_EQ(kind_of(2), "not_loaded");
}

TEST(Catalogue, WhatCannotBeReadIsLeftOutUnlessItWasAskedFor) {
  const auto access = test::AccessTo("6.18-2cpu");
  std::vector<std::string> names = {"table", "flows", "kernel_log"};
  const auto left_out = LeaveOutUnreadable(names, {"table"}, access);
  EXPECT_THAT(names, testing::ElementsAre("table", "flows"));  // flows fail aloud
  ASSERT_EQ(left_out.size(), 1U);
  EXPECT_EQ(left_out[0].name, "kernel_log");
  EXPECT_EQ(left_out[0].reason.kind, ErrorKind::kDenied);

  names = {"table", "kernel_log"};
  EXPECT_TRUE(LeaveOutUnreadable(names, {"kernel_log"}, access).empty());
  EXPECT_THAT(names, testing::ElementsAre("table", "kernel_log"));
}

TEST(Catalogue, WhatCanBeReadOrIsOffAnywayIsNotLeftOut) {
  const auto access = test::AccessTo("6.18-2cpu", test::RefusingKernel(), test::RefusingEvents(),
                                     test::OpenFake(std::make_shared<test::FakeKmsg>()));
  std::vector<std::string> names = {"table", "kernel_log"};
  EXPECT_TRUE(LeaveOutUnreadable(names, {}, access).empty());
  EXPECT_THAT(names, testing::ElementsAre("table", "kernel_log"));
  names = {"table"};
  EXPECT_TRUE(LeaveOutUnreadable(names, {}, test::AccessTo("6.18-2cpu")).empty());
}

TEST(Catalogue, OnlyTheCollectorsAskedForAreMadeInItsOrder) {
  const auto collectors =
      MakeCollectors({"stat", "nothing", "table"}, test::AccessTo("6.18-2cpu"), CollectorOptions{});
  ASSERT_EQ(collectors.size(), 2U);
  EXPECT_EQ(collectors[0].name, "table");
  EXPECT_EQ(collectors[1].name, "stat");
}

}  // namespace
}  // namespace conntrack
