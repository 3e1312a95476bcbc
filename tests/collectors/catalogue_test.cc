#include "collectors/catalogue.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/support/families.h"
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

TEST(Catalogue, EveryCollectorIsUsableOnceItIsMade) {
  std::vector<std::string> names;
  for (const auto& entry : Catalogue()) names.emplace_back(entry.name);
  const auto collectors =
      MakeCollectors(names, test::AccessTo("module-not-loaded"), CollectorOptions{});
  ASSERT_EQ(collectors.size(), names.size());
  for (const auto& [name, collector] : collectors) {
    EXPECT_FALSE(collector->Collect(test::Patient()).has_value()) << name;
  }
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
