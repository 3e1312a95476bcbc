#include "collectors/settings_collector.h"

#include <gmock/gmock.h>

#include "tests/support/captures.h"
#include "tests/support/families.h"
#include "tests/support/temp_tree.h"

namespace conntrack {
namespace {

using test::ValueOf;
using testing::ElementsAre;
using testing::Field;

Result<Collection> CollectSettings(const std::filesystem::path& proc) {
  return SettingsCollector(kernel::KernelFiles(proc)).Collect(test::Patient());
}

TEST(SettingsCollector, ShowsWhatThisKernelHasAndIsSilentOnTheRest) {
  const auto newer = CollectSettings(test::Capture("6.1-2cpu") / "proc");
  EXPECT_EQ(ValueOf(newer->families, "conntrack_setting", {{"name", "events"}}), 2);
  EXPECT_EQ(ValueOf(newer->families, "conntrack_setting", {{"name", "tcp_ignore_invalid_rst"}}), 0);
  EXPECT_EQ(ValueOf(newer->families, "conntrack_setting", {{"name", "tcp_syncookies"}}), 1);
  EXPECT_FALSE(ValueOf(newer->families, "conntrack_setting", {{"name", "helper"}}).has_value());
  EXPECT_TRUE(newer->omissions.empty());
  const auto older = CollectSettings(test::Capture("3.10-4cpu") / "proc");
  EXPECT_EQ(ValueOf(older->families, "conntrack_setting", {{"name", "helper"}}), 1);
}

TEST(SettingsCollector, NamesASettingThatHoldsNoNumber) {
  test::TempTree tree;
  tree.Sysctl("nf_conntrack_acct", "yes").Sysctl("nf_conntrack_checksum", "1");
  const auto collection = CollectSettings(tree.root());
  EXPECT_THAT(collection->omissions, ElementsAre(Field(&Omission::part, "acct")));
}

TEST(SettingsCollector, SyncookiesAloneAreNoConnectionTracking) {
  EXPECT_EQ(CollectSettings(test::Capture("module-not-loaded") / "proc").error().kind,
            ErrorKind::kAbsent);
}

}  // namespace
}  // namespace conntrack
