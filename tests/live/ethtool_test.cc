// Asking real drivers: those of a pair of veth, as no ENA is at hand.
#include "kernel/ethtool.h"

#include <gmock/gmock.h>
#include <net/if.h>

#include <cstdlib>

#include "tests/live/varied_table.h"

namespace conntrack::kernel {
namespace {

using testing::IsSupersetOf;

class RealEthtool : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = test::EnterOwnNamespace(); !why.empty()) GTEST_SKIP() << why;
    ASSERT_EQ(std::system("ip link add here type veth peer name there"), 0);
    auto opened = OpenEthtool(KernelFiles("/proc"));
    ASSERT_TRUE(opened) << opened.error().message;
    ethtool_ = *std::move(opened);
  }

  std::shared_ptr<const Ethtool> ethtool_;
};

TEST_F(RealEthtool, ListsTheInterfacesOfTheOwnNamespace) {
  const auto names = ethtool_->Interfaces();
  ASSERT_TRUE(names) << names.error().message;
  EXPECT_THAT(*names, IsSupersetOf({"lo", "here", "there"}));
}

TEST_F(RealEthtool, ReadsNameAndStatisticsOfADriver) {
  EXPECT_EQ(ethtool_->Driver("here").value(), "veth");
  const auto statistics = ethtool_->Statistics("here");
  ASSERT_TRUE(statistics) << statistics.error().message;
  ASSERT_TRUE(statistics->contains("peer_ifindex"));
  EXPECT_EQ(statistics->at("peer_ifindex"), ::if_nametoindex("there"));
  EXPECT_GT(statistics->size(), 1U);  // and some for each queue
}

TEST_F(RealEthtool, SaysThatADriverDoesNotTellOrIsNotThere) {
  EXPECT_EQ(ethtool_->Driver("lo").error().kind, ErrorKind::kAbsent);
  EXPECT_EQ(ethtool_->Driver("nowhere").error().kind, ErrorKind::kAbsent);
  ASSERT_EQ(std::system("ip link del here"), 0);
  EXPECT_EQ(ethtool_->Statistics("here").error().kind, ErrorKind::kAbsent);
  EXPECT_EQ(ethtool_->Driver("there").error().kind, ErrorKind::kAbsent);
}

}  // namespace
}  // namespace conntrack::kernel
