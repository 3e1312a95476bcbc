#include "collectors/persistence_collector.h"

#include <gmock/gmock.h>

#include "tests/support/families.h"
#include "tests/support/host_tree.h"

namespace conntrack {
namespace {

using test::ValueOf;
using testing::HasSubstr;

class PersistenceCollectorTest : public testing::Test {
 protected:
  PersistenceCollectorTest() {
    host_.BuiltIn()
        .Runs("nf_conntrack_count", "5")
        .Runs("nf_conntrack_max", "1000000")
        .Runs("nf_conntrack_buckets", "262144")
        .Runs("nf_conntrack_udp_timeout", "30")
        .Proc("sys/net/nf_conntrack_max", "1000000\n")
        .Proc("net/stat/nf_conntrack", "entries found chainlength\n00000005 0 0\n");
  }

  Result<Collection> Collect() {
    return PersistenceCollector(host_.root(), host_.proc(), host_.sys()).Collect(test::Patient());
  }

  test::HostTree host_;
};

TEST_F(PersistenceCollectorTest, EverySettingDriftsOrDoesNot) {
  host_.File("/etc/sysctl.d/a.conf", "net.netfilter.nf_conntrack_udp_timeout = 60\n");
  const auto families = Collect().value().families;
  EXPECT_EQ(ValueOf(families, "conntrack_setting_drift", {{"setting", "nf_conntrack_max"}}), 1);
  EXPECT_EQ(ValueOf(families, "conntrack_setting_drift", {{"setting", "nf_conntrack_buckets"}}), 0);
  EXPECT_EQ(ValueOf(families, "conntrack_setting_drift", {{"setting", "nf_conntrack_udp_timeout"}}),
            1);
  EXPECT_EQ(ValueOf(families, "conntrack_setting_persisted",
                    {{"setting", "nf_conntrack_udp_timeout"}, {"managed_by", "systemd-sysctl"}}),
            60);
  EXPECT_EQ(ValueOf(families, "conntrack_setting_persisted", {{"setting", "nf_conntrack_max"}}),
            std::nullopt);
  EXPECT_EQ(ValueOf(families, "conntrack_setting_drift_info",
                    {{"setting", "nf_conntrack_udp_timeout"},
                     {"reason", "value_differs"},
                     {"file", "/etc/sysctl.d/a.conf:1"},
                     {"managed_by", "systemd-sysctl"}}),
            1);
  EXPECT_EQ(ValueOf(families, "conntrack_setting_drift_info",
                    {{"setting", "nf_conntrack_max"},
                     {"reason", "not_set"},
                     {"file", ""},
                     {"managed_by", ""}}),
            1);
}

TEST_F(PersistenceCollectorTest, NonsenseAndUnreadableFilesAreNamedAsOmissions) {
  host_.File("/etc/sysctl.d/a.conf", "\nnet.netfilter.nf_conntrack_max = lots\n")
      .Link("/etc/sysctl.d/gone.conf", "/nowhere");
  const auto collection = Collect().value();
  ASSERT_EQ(collection.omissions.size(), 2U) << "the settings that it may set, and the file";
  EXPECT_EQ(collection.omissions[0].part,
            "conntrack_setting_drift of nf_conntrack_buckets and 2 more");
  EXPECT_THAT(collection.omissions[0].reason.message,
              HasSubstr("/etc/sysctl.d/gone.conf: cannot be read"));
  EXPECT_EQ(collection.omissions[0].reason.remedy,
            "give this process read access to /etc/sysctl.d/gone.conf, below --path.rootfs");
  EXPECT_EQ(collection.omissions[1].part, "/etc/sysctl.d/gone.conf");
  host_.File("/etc/sysctl.d/z.conf", "net.netfilter.* = lots\n");
  const auto nonsense = Collect().value().omissions;
  ASSERT_EQ(nonsense.size(), 4U);
  EXPECT_THAT(nonsense[2].part, HasSubstr("nf_conntrack_buckets"));
  EXPECT_THAT(nonsense[2].reason.message, HasSubstr("/etc/sysctl.d/z.conf:1"));
  EXPECT_THAT(nonsense[2].reason.message, HasSubstr("lots"));
}

TEST_F(PersistenceCollectorTest, WhatIsNotKnownIsNeitherDriftNorNone) {
  host_.Loadable()
      .File("/etc/modules-load.d/a.conf", "nft_ct\n")
      .File("/etc/sysctl.d/a.conf", "net.netfilter.nf_conntrack_max = 1000000\n");
  const auto collection = Collect().value();
  EXPECT_EQ(
      ValueOf(collection.families, "conntrack_setting_drift", {{"setting", "nf_conntrack_max"}}),
      std::nullopt);
  EXPECT_EQ(ValueOf(collection.families, "conntrack_setting_drift_unknown_info",
                    {{"setting", "nf_conntrack_max"},
                     {"reason", "unknown_load"},
                     {"file", "/etc/modules-load.d/a.conf:1"},
                     {"managed_by", "systemd-sysctl"}}),
            1);
  ASSERT_EQ(collection.omissions.size(), 1U);
  EXPECT_EQ(collection.omissions[0].part, "conntrack_setting_drift of nf_conntrack_max");
  EXPECT_THAT(
      collection.omissions[0].reason.message,
      HasSubstr("/etc/modules-load.d/a.conf:1: it is unknown whether nft_ct loads nf_conntrack"));
  EXPECT_THAT(collection.omissions[0].reason.remedy,
              HasSubstr("/etc/modules-load.d/conntrack.conf"));
}

TEST_F(PersistenceCollectorTest, WithoutDriftThereIsNoInfo) {
  host_.File("/etc/sysctl.d/a.conf", "net.netfilter.nf_conntrack_max = 1000000\n");
  const auto collection = Collect().value();
  EXPECT_EQ(test::FindFamily(collection.families, "conntrack_setting_drift_info"), nullptr);
  EXPECT_TRUE(collection.omissions.empty());
}

TEST(PersistenceCollector, WhatIsOfAnotherNamespaceIsNotJudgedAndSaysSo) {
  test::HostTree host;
  host.BuiltIn()
      .Runs("nf_conntrack_count", "5")
      .Runs("nf_conntrack_max", "262144")
      .Runs("nf_conntrack_udp_timeout", "31");
  const auto collection =
      PersistenceCollector(host.root(), host.proc(), host.sys()).Collect(test::Patient()).value();
  EXPECT_EQ(
      ValueOf(collection.families, "conntrack_setting_drift", {{"setting", "nf_conntrack_max"}}),
      0);
  EXPECT_EQ(ValueOf(collection.families, "conntrack_setting_drift",
                    {{"setting", "nf_conntrack_udp_timeout"}}),
            std::nullopt);
  ASSERT_EQ(collection.omissions.size(), 1U);
  EXPECT_EQ(collection.omissions[0].reason.kind, ErrorKind::kHeldBack);
}

}  // namespace
}  // namespace conntrack
