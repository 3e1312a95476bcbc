#include "kernel/boot/setting_values.h"

#include <gmock/gmock.h>

namespace conntrack::kernel {
namespace {

constexpr const char* kTimeout = "nf_conntrack_tcp_timeout_established";

TEST(SettingValue, IsWhatTheKernelMakesOfTheText) {
  EXPECT_EQ(ParseSettingValue(kTimeout, "86400").value(), 86'400);
  EXPECT_EQ(ParseSettingValue(kTimeout, "86400 # a day").value(), 86'400);
  EXPECT_EQ(ParseSettingValue(kTimeout, "120 130").value(), 120);
  EXPECT_EQ(ParseSettingValue("nf_conntrack_max", "0x40000").value(), 262'144);
  EXPECT_EQ(ParseSettingValue(kTimeout, "0110").value(), 72);  // octal
  EXPECT_EQ(ParseSettingValue(kTimeout, "0").value(), 0);
}

TEST(SettingValue, NonsenseIsNamed) {
  for (const auto* text : {"", " ", "lots", "1k", "1#", "+7", "-5", "--5", "\"120\"", "0x", "0x-1",
                           "089", "21474837", "99999999999999999999"}) {
    const auto value = ParseSettingValue(kTimeout, text);
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_EQ(value.error().kind, ErrorKind::kMalformed);
  }
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_tcp_loose", "2").has_value());
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_events", "3").has_value());
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_log_invalid", "256").has_value());
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_buckets", "0").has_value());
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_max", "2147483648").has_value());
  EXPECT_TRUE(ParseSettingValue("nf_conntrack_max", "2147483647").has_value());
}

TEST(KernelDefault, OfAnyEraIsOne) {
  EXPECT_TRUE(IsPossibleDefault("nf_conntrack_sctp_timeout_established", 432'000, 1));
  EXPECT_TRUE(IsPossibleDefault("nf_conntrack_sctp_timeout_established", 210, 1));
  EXPECT_TRUE(IsPossibleDefault("nf_conntrack_udp_timeout_stream", 120, 1));
  EXPECT_FALSE(IsPossibleDefault("nf_conntrack_udp_timeout_stream", 121, 1));
  EXPECT_FALSE(IsPossibleDefault(kTimeout, 86'400, 1));
  EXPECT_FALSE(IsPossibleDefault("nf_conntrack_tcp_be_liberal", 1, 1));
}

TEST(KernelDefault, SizesFollowTheFormulas) {
  EXPECT_TRUE(IsPossibleDefault("nf_conntrack_max", 262'144, 65'536));
  EXPECT_TRUE(IsPossibleDefault("nf_conntrack_max", 31'744, 7'936));
  EXPECT_TRUE(IsPossibleDefault("nf_conntrack_max", 1'048'576, 131'072));
  EXPECT_FALSE(IsPossibleDefault("nf_conntrack_max", 1'000'000, 262'144));
  for (const std::int64_t buckets : {16'384, 65'536, 262'144, 7'936, 1'024}) {
    EXPECT_TRUE(IsPossibleDefault("nf_conntrack_buckets", buckets, buckets)) << buckets;
  }
  EXPECT_FALSE(IsPossibleDefault("nf_conntrack_buckets", 524'288, 524'288));
  EXPECT_TRUE(IsPossibleDefault("nf_conntrack_expect_max", 4'096, 262'144));
  EXPECT_TRUE(IsPossibleDefault("nf_conntrack_expect_max", 4, 128));
  EXPECT_FALSE(IsPossibleDefault("nf_conntrack_expect_max", 5'000, 262'144));
}

TEST(KernelDefault, WhatIsUnknownOrTurnedOnByModulesIsNobodysDoing) {
  EXPECT_TRUE(IsPossibleDefault("nf_conntrack_acct", 1, 1));
  EXPECT_TRUE(IsPossibleDefault("nf_conntrack_of_the_future", 77, 1));
}

}  // namespace
}  // namespace conntrack::kernel
