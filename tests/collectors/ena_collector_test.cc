#include "collectors/ena_collector.h"

#include <gmock/gmock.h>

#include "collectors/catalogue_entry.h"
#include "tests/support/fake_ethtool.h"
#include "tests/support/families.h"
#include "tests/support/test_access.h"

namespace conntrack {
namespace {

using namespace std::chrono_literals;
using test::ValueOf;
using testing::HasSubstr;

constexpr const char* kAvailable = "conntrack_ena_allowance_available";
constexpr const char* kExceeded = "conntrack_ena_allowance_exceeded_total";

KernelAccess AccessTo(std::shared_ptr<const kernel::Ethtool> ethtool) {
  auto access = test::AccessTo("6.18-2cpu");
  access.ethtool = std::move(ethtool);
  return access;
}

Result<Collection> Collected(std::shared_ptr<const kernel::Ethtool> ethtool) {
  return EnaCollector(AccessTo(std::move(ethtool))).Collect(test::Patient());
}

kernel::DriverStatistics WithoutPrefix(std::string_view prefix) {
  auto statistics = test::InstanceOfEc2()->interfaces.at("eth0").statistics.value();
  std::erase_if(statistics,
                [prefix](const auto& statistic) { return statistic.first.starts_with(prefix); });
  return statistics;
}

TEST(EnaCollector, HasWhatTheDriverOfEachInterfaceTells) {
  const auto collection = Collected(test::InstanceOfEc2());
  ASSERT_TRUE(collection);
  EXPECT_EQ(collection->source, "ethtool");
  EXPECT_TRUE(collection->omissions.empty());
  const auto& families = collection->families;
  ASSERT_EQ(families.size(), 2U);
  EXPECT_EQ(families[0].samples.size(), 2U);  // veth1 has none
  EXPECT_EQ(families[1].samples.size(), 10U);
  EXPECT_EQ(ValueOf(families, kAvailable, {{"interface", "eth1"}}), 136'812);
  const auto exceeded = [&](const char* allowance) {
    return ValueOf(families, kExceeded, {{"interface", "eth0"}, {"allowance", allowance}});
  };
  EXPECT_EQ(exceeded("bw_in"), 11);
  EXPECT_EQ(exceeded("bw_out"), 12);
  EXPECT_EQ(exceeded("pps"), 13);
  EXPECT_EQ(exceeded("conntrack"), 14);
  EXPECT_EQ(exceeded("linklocal"), 15);
}

TEST(EnaCollector, WhatAnOlderDriverDoesNotTellIsAbsentAndNamed) {
  auto ethtool = test::InstanceOfEc2();
  for (const auto* name : {"eth0", "eth1"}) {
    ethtool->interfaces.at(name).statistics = WithoutPrefix("conntrack_allowance_available");
  }
  auto collection = Collected(ethtool);
  ASSERT_TRUE(collection);
  EXPECT_EQ(test::FindFamily(collection->families, kAvailable), nullptr);
  EXPECT_NE(test::FindFamily(collection->families, kExceeded), nullptr);
  ASSERT_EQ(collection->omissions.size(), 1U);
  EXPECT_EQ(collection->omissions[0].part, kAvailable);

  ethtool->interfaces.at("eth0").statistics = WithoutPrefix("pps_allowance");
  collection = Collected(ethtool);
  EXPECT_TRUE(collection->omissions.empty());
  EXPECT_FALSE(
      ValueOf(collection->families, kExceeded, {{"interface", "eth0"}, {"allowance", "pps"}}));
  EXPECT_TRUE(
      ValueOf(collection->families, kExceeded, {{"interface", "eth1"}, {"allowance", "pps"}}));

  ethtool->interfaces = {{"eth0", {"ena", kernel::DriverStatistics{{"tx_timeout", 0}}}}};
  collection = Collected(ethtool);
  ASSERT_TRUE(collection);
  EXPECT_TRUE(collection->families.empty());
  EXPECT_EQ(collection->omissions.size(), 2U);
}

TEST(EnaCollector, IsOffWhereNoInterfaceHasThatDriver) {
  auto ethtool = test::InstanceOfEc2();
  EXPECT_FALSE(EnaEntry().why_unreadable(AccessTo(ethtool)));
  ethtool->interfaces.erase("eth0");
  ethtool->interfaces.erase("eth1");
  const auto why = EnaEntry().why_unreadable(AccessTo(ethtool));
  ASSERT_TRUE(why);
  EXPECT_EQ(why->kind, ErrorKind::kAbsent);
  EXPECT_THAT(why->message, HasSubstr("driver ena"));
  EXPECT_EQ(why->remedy, "");
  const auto error = Collected(ethtool).error();  // where a flag asks for it
  EXPECT_EQ(error.message, why->message);
  EXPECT_THAT(error.remedy, HasSubstr("remove --collector.ena"));
}

TEST(EnaCollector, ThatDriversCannotBeAskedIsNotTakenForNoneOfThem) {
  auto ethtool = test::InstanceOfEc2();
  ethtool->access = Fail(ErrorKind::kDenied, "asking the driver of eth0: refused");
  EXPECT_EQ(Collected(ethtool).error().kind, ErrorKind::kDenied);
  EXPECT_EQ(EnaEntry().why_unreadable(test::AccessTo("6.18-2cpu"))->message,
            "no network drivers to ask");
}

TEST(EnaCollector, AnInterfaceThatGoesIsLeftOut) {
  auto ethtool = test::InstanceOfEc2();
  ethtool->gone = {"eth9"};
  EnaCollector collector(AccessTo(ethtool));
  EXPECT_TRUE(collector.Collect(test::Patient()));
  ethtool->interfaces.erase("eth1");  // which was found before
  const auto collection = collector.Collect(test::Patient());
  ASSERT_TRUE(collection);
  EXPECT_TRUE(collection->omissions.empty());
  EXPECT_EQ(test::FindFamily(collection->families, kAvailable)->samples.size(), 1U);
  ethtool->interfaces.erase("eth0");
  EXPECT_EQ(collector.Collect(test::Patient()).error().kind, ErrorKind::kAbsent);
}

/// A collector of which a test moves the clock and changes the drivers.
class EnaOverTime : public testing::Test {
 protected:
  /// What has been refused since the oldest reading of the last minute.
  std::optional<std::uint64_t> RefusedAfter(std::chrono::seconds time) {
    now_ += time;
    const auto collection = collector_.Collect(test::Patient());
    const auto recent = collection->reading.As<EnaReading>()->refused_recently;
    return recent ? std::optional(recent->packets) : std::nullopt;
  }

  void SetRefused(const std::string& interface, std::uint64_t packets) {
    ethtool_->interfaces[interface] = {
        "ena", kernel::DriverStatistics{{"conntrack_allowance_exceeded", packets}}};
  }

  std::shared_ptr<test::FakeEthtool> ethtool_ = test::InstanceOfEc2();  // eth0: 14, eth1: 2
  std::chrono::steady_clock::time_point now_{std::chrono::hours(1)};
  EnaCollector collector_{AccessTo(ethtool_), [this] { return now_; }};
};

TEST_F(EnaOverTime, WhatIsRefusedIsThatOfAllInterfacesInTheLastMinute) {
  EXPECT_EQ(RefusedAfter(0s), std::nullopt);
  EXPECT_EQ(RefusedAfter(15s), 0U);
  SetRefused("eth0", 114);
  SetRefused("eth1", 3);
  EXPECT_EQ(RefusedAfter(15s), 101U);
  EXPECT_EQ(RefusedAfter(30s), 101U);
  EXPECT_EQ(RefusedAfter(60s), 0U);
}

TEST_F(EnaOverTime, ADriverThatIsLoadedAnewBeginsAtZero) {
  RefusedAfter(0s);
  SetRefused("eth0", 5);
  EXPECT_EQ(RefusedAfter(15s), 5U);
}

TEST_F(EnaOverTime, AnInterfaceThatComesIsFoundWithinAMinuteAndItsPastDoesNotCount) {
  RefusedAfter(0s);
  SetRefused("eth2", 1000);
  EXPECT_EQ(RefusedAfter(59s), 0U);
  EXPECT_EQ(RefusedAfter(1s), 0U);
  EXPECT_EQ(RefusedAfter(100s), std::nullopt);  // all others are too old
  SetRefused("eth2", 1007);
  EXPECT_EQ(RefusedAfter(15s), 7U);
}

TEST(EnaCollector, AnInterfaceThatCannotBeReadIsNamed) {
  auto ethtool = test::InstanceOfEc2();
  const Error broken{ErrorKind::kIo, 5, "asking the driver of eth0: Input/output error", ""};
  ethtool->interfaces.at("eth0").statistics = Fail(broken);
  const auto collection = Collected(ethtool);
  ASSERT_TRUE(collection);
  ASSERT_EQ(collection->omissions.size(), 1U);
  EXPECT_EQ(collection->omissions[0], (Omission{"interface eth0", broken}));
  ethtool->interfaces.erase("eth1");
  EXPECT_EQ(Collected(ethtool).error(), broken);
}

}  // namespace
}  // namespace conntrack
