#include "exporter/confinement/capabilities.h"

#include <gtest/gtest.h>
#include <linux/capability.h>

#include <stdexcept>

namespace conntrack::exporter::confinement {
namespace {

TEST(CapabilitySet, HasWhatWasAdded) {
  CapabilitySet set{Capability::kNetAdmin};
  set.Add(CAP_CHOWN);
  EXPECT_TRUE(set.Has(Capability::kNetAdmin));
  EXPECT_TRUE(set.Has(CAP_CHOWN));
  EXPECT_FALSE(set.Has(Capability::kSyslog));
  set.Add(64);
  set.Add(-1);
  EXPECT_FALSE(set.Has(64));
  EXPECT_FALSE(set.Has(-1));
}

TEST(CapabilitySet, SetsAreCombined) {
  const CapabilitySet both{Capability::kNetAdmin, Capability::kSyslog};
  const CapabilitySet one{Capability::kSyslog};
  EXPECT_EQ(both & one, one);
  EXPECT_EQ(one | CapabilitySet{Capability::kNetAdmin}, both);
  EXPECT_EQ(both - one, CapabilitySet{Capability::kNetAdmin});
}

TEST(CapabilitySet, IsNamedAsInTheManual) {
  EXPECT_EQ(ToString({}), "none");
  EXPECT_EQ(ToString({Capability::kSyslog, Capability::kNetAdmin}), "CAP_NET_ADMIN,CAP_SYSLOG");
  EXPECT_EQ(NameOf(CAP_SYS_PTRACE), "CAP_SYS_PTRACE");
}

TEST(CapabilitySet, NearlyAllAreNamedByWhatIsMissing) {
  CapabilitySet all;
  for (int number = 0; number < 64; ++number) all.Add(number);
  EXPECT_EQ(ToString(all), "all");
  EXPECT_EQ(ToString(all - CapabilitySet{Capability::kSysAdmin}), "all but CAP_SYS_ADMIN");
}

TEST(WithOnly, OtherCapabilitiesHaveNoEffectMeanwhile) {
  const auto before = ReadCapabilities();
  const CapabilitySet usable{Capability::kSyslog, Capability::kNetAdmin};
  HeldCapabilities meanwhile;
  EXPECT_THROW(WithOnly(usable,
                        [&] {
                          meanwhile = ReadCapabilities();
                          throw std::runtime_error("restored all the same");
                        }),
               std::runtime_error);
  EXPECT_EQ(meanwhile.effective, before.effective & usable);
  EXPECT_EQ(meanwhile.permitted, before.permitted);
  EXPECT_EQ(ReadCapabilities().effective, before.effective);
}

}  // namespace
}  // namespace conntrack::exporter::confinement
