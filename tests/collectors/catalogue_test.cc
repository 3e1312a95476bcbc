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
  for (const auto& entry : Catalogue()) {
    const auto collector = entry.make(test::AccessTo("module-not-loaded"), CollectorOptions{});
    ASSERT_NE(collector, nullptr) << entry.name;
    EXPECT_FALSE(collector->Collect(test::Patient()).has_value()) << entry.name;
  }
}

}  // namespace
}  // namespace conntrack
