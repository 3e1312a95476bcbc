#include "kernel/boot/setting_values.h"

#include <gmock/gmock.h>

#include "tests/support/captures.h"

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
  EXPECT_EQ(ParseSettingValue(kTimeout, "-1").value(), -1);
}

TEST(SettingValue, NonsenseIsNamed) {
  for (const auto* text : {"", " ", "lots", "1k", "1#", "+7", "--5", "\"120\"", "0x", "0x-1", "089",
                           "21474837", "-21474837", "99999999999999999999"}) {
    const auto value = ParseSettingValue(kTimeout, text);
    ASSERT_FALSE(value.has_value()) << text;
    EXPECT_EQ(value.error().kind, ErrorKind::kMalformed);
  }
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_tcp_loose", "2").has_value());
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_tcp_loose", "-1").has_value());
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_events", "3").has_value());
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_log_invalid", "256").has_value());
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_buckets", "0").has_value());
  EXPECT_FALSE(ParseSettingValue("nf_conntrack_max", "2147483648").has_value());
  EXPECT_TRUE(ParseSettingValue("nf_conntrack_max", "2147483647").has_value());
}

TEST(SettingValue, KernelsDifferInWhatTheyTake) {
  EXPECT_TRUE(IsValidEverywhere(kTimeout, 0));
  EXPECT_FALSE(IsValidEverywhere(kTimeout, -1));
  EXPECT_TRUE(IsValidEverywhere("nf_conntrack_max", 1));
  EXPECT_FALSE(IsValidEverywhere("nf_conntrack_max", 0));
  EXPECT_TRUE(IsValidEverywhere("nf_conntrack_tcp_max_retrans", 255));
  EXPECT_FALSE(IsValidEverywhere("nf_conntrack_tcp_max_retrans", 256));
}

constexpr std::uint64_t kGiB = 1ULL << 30U;

KernelTraits Kernel(unsigned major, unsigned minor, std::optional<bool> limits_chains,
                    std::optional<std::uint64_t> memory = 16 * kGiB) {
  return {KernelRelease{major, minor}, memory, limits_chains, 512};
}

std::string Words(const DefaultRange& range) {
  if (range.least == range.most) return std::to_string(range.least);
  return std::to_string(range.least) + (range.between ? ".." : "|") + std::to_string(range.most);
}

std::string Limits(const KernelTraits& kernel, std::optional<std::int64_t> hash_size = {}) {
  const auto limits = DefaultLimitsOf(kernel, hash_size);
  return Words(limits.buckets) + " " + Words(limits.max) + " " + Words(limits.expect_max);
}

TEST(KernelDefault, SizesFollowTheFormulasOfTheirEra) {
  EXPECT_EQ(Limits(Kernel(6, 1, true)), "262144 262144 4096");
  EXPECT_EQ(Limits(Kernel(6, 12, true, 2 * kGiB)), "65536 65536 1024");
  EXPECT_EQ(Limits(Kernel(5, 10, false)), "65536 262144 1024");
  EXPECT_EQ(Limits(Kernel(5, 10, false, 2 * kGiB)), "16384 65536 256");
  // EL 9 has the limit on chains of 5.15.
  EXPECT_EQ(Limits(Kernel(5, 14, true)), "262144 262144 4096");
  EXPECT_EQ(Limits(Kernel(4, 4, false)), "65536 262144 1024");
  // Distributions took the larger table of 4.4 over.
  EXPECT_EQ(Limits(Kernel(3, 10, false)), "16384|65536 65536|262144 256|1024");
}

TEST(KernelDefault, WhatIsNotKnownMakesARange) {
  EXPECT_EQ(Limits(Kernel(6, 1, true, kGiB)), "8192..65536 8192..65536 128..1024");
  EXPECT_EQ(Limits(Kernel(6, 1, true, 4 * kGiB)), "65536|262144 65536|262144 1024|4096");
  EXPECT_EQ(Limits(Kernel(6, 1, true, kGiB / 2)), "4096..4608 4096..4608 64..72");
  EXPECT_EQ(Limits(Kernel(6, 1, true, std::nullopt)), "1024..262144 1024..262144 16..4096");
  EXPECT_EQ(Limits(Kernel(5, 14, std::nullopt)), "65536..262144 262144 1024..4096");
}

TEST(KernelDefault, AHashSizeThatIsGivenDecides) {
  EXPECT_EQ(Limits(Kernel(6, 1, true), 100'000), "100352 802816 1568");
  EXPECT_EQ(Limits(Kernel(3, 10, false), 1), "512 4096 8");
}

std::string Default(const char* setting, const KernelTraits& kernel) {
  const auto range = DefaultOf(setting, kernel);
  return range ? Words(*range) : "unknown";
}

TEST(KernelDefault, ValuesAreThoseOfTheRelease) {
  const auto old = Kernel(3, 10, false);
  const auto middle = Kernel(5, 3, false);
  const auto now = Kernel(6, 12, true);
  struct Row {
    const char* setting;
    const char* in_old;
    const char* in_middle;
    const char* in_new;
  };
  for (const auto& row :
       {Row{"nf_conntrack_udp_timeout_stream", "180", "120|180", "120"},
        Row{"nf_conntrack_events", "1", "1|2", "2"}, Row{"nf_conntrack_helper", "0|1", "0", "0"},
        Row{"nf_conntrack_sctp_timeout_established", "432000", "210|432000", "210"},
        Row{"nf_conntrack_tcp_timeout_established", "432000", "432000", "432000"},
        Row{"nf_conntrack_of_the_future", "unknown", "unknown", "unknown"},
        Row{"nf_conntrack_max", "65536|262144", "262144", "262144"}}) {
    EXPECT_EQ(Default(row.setting, old), row.in_old) << row.setting;
    EXPECT_EQ(Default(row.setting, middle), row.in_middle) << row.setting;
    EXPECT_EQ(Default(row.setting, now), row.in_new) << row.setting;
  }
}

TEST(KernelDefault, EveryCaptureRunsItsOwn) {
  for (const auto* name :
       {"2.6.32-2cpu", "3.10-4cpu", "4.19-2cpu", "5.10-2cpu", "5.15-no-stat-file", "6.1-2cpu",
        "6.12-2cpu", "6.18-2cpu", "6.18-module-2cpu", "7.3-2cpu"}) {
    const KernelFiles proc(test::Capture(name) / "proc");
    const auto kernel = ReadKernelTraits(proc);
    std::size_t known = 0;
    const auto settings = proc.List("sys/net/netfilter").value();
    for (const auto& setting : settings) {
      const auto range = DefaultOf(setting, kernel);
      if (!range) continue;
      ++known;
      const auto value = proc.ReadNumber("sys/net/netfilter/" + setting).value();
      EXPECT_TRUE(range->Has(value))
          << name << " " << setting << " " << value << " " << Words(*range);
    }
    EXPECT_GT(known, 3U) << name;
  }
}

}  // namespace
}  // namespace conntrack::kernel
