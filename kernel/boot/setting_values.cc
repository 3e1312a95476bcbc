#include "kernel/boot/setting_values.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

struct Defaults {
  std::string_view name;                 // after nf_conntrack_
  std::array<std::int64_t, 2> values{};  // of different kernels; twice the same if there is one
};

constexpr Defaults kDefaults[] = {
    {"checksum", {1, 1}},
    {"log_invalid", {0, 0}},
    {"events", {1, 2}},
    {"tcp_loose", {1, 1}},
    {"tcp_be_liberal", {0, 0}},
    {"tcp_max_retrans", {3, 3}},
    {"tcp_ignore_invalid_rst", {0, 0}},
    {"generic_timeout", {600, 600}},
    {"icmp_timeout", {30, 30}},
    {"icmpv6_timeout", {30, 30}},
    {"udp_timeout", {30, 30}},
    {"udp_timeout_stream", {180, 120}},
    {"udplite_timeout", {30, 30}},
    {"udplite_timeout_stream", {180, 180}},
    {"gre_timeout", {30, 30}},
    {"gre_timeout_stream", {180, 180}},
    {"tcp_timeout_syn_sent", {120, 120}},
    {"tcp_timeout_syn_recv", {60, 60}},
    {"tcp_timeout_established", {432'000, 432'000}},
    {"tcp_timeout_fin_wait", {120, 120}},
    {"tcp_timeout_close_wait", {60, 60}},
    {"tcp_timeout_last_ack", {30, 30}},
    {"tcp_timeout_time_wait", {120, 120}},
    {"tcp_timeout_close", {10, 10}},
    {"tcp_timeout_max_retrans", {300, 300}},
    {"tcp_timeout_unacknowledged", {300, 300}},
    {"sctp_timeout_closed", {10, 10}},
    {"sctp_timeout_cookie_wait", {3, 3}},
    {"sctp_timeout_cookie_echoed", {3, 3}},
    {"sctp_timeout_established", {432'000, 210}},
    {"sctp_timeout_shutdown_sent", {0, 3}},  // 0.3 s, read as whole seconds
    {"sctp_timeout_shutdown_recd", {0, 3}},
    {"sctp_timeout_shutdown_ack_sent", {3, 3}},
    {"sctp_timeout_heartbeat_sent", {30, 30}},
    {"sctp_timeout_heartbeat_acked", {210, 210}},
};

struct Range {
  std::int64_t least = 0;
  std::int64_t most = std::numeric_limits<std::int32_t>::max();
};

Range RangeOf(std::string_view name) {
  constexpr std::string_view kSwitches[] = {"acct",
                                            "checksum",
                                            "timestamp",
                                            "helper",
                                            "tcp_loose",
                                            "tcp_be_liberal",
                                            "tcp_ignore_invalid_rst"};
  if (std::ranges::find(kSwitches, name) != std::end(kSwitches)) {
    return {0, 1};
  }
  if (name == "events") return {0, 2};
  if (name == "log_invalid" || name == "tcp_max_retrans") return {0, 255};
  if (name == "buckets") return {1};
  // Jiffies have to fit an int: 2^31 / HZ seconds, and no kernel has less than 100 in a second.
  if (name.find("timeout") != std::string_view::npos) return {0, 21'474'836};
  return {};
}

std::string_view ShortName(std::string_view setting) {
  (void)TakePrefix(setting, "nf_conntrack_");
  return setting;
}

// As kstrtol() with base 0.
std::optional<std::int64_t> ParseAnyBase(std::string_view word) {
  const bool negative = TakePrefix(word, "-");
  if (word.starts_with('-')) return std::nullopt;  // which from_chars would take
  std::optional<std::int64_t> number;
  if (TakePrefix(word, "0x") || TakePrefix(word, "0X")) {
    if (!word.starts_with('-')) number = ParseNumber<std::int64_t>(word, 16);
  } else if (word.size() > 1 && word.starts_with('0')) {
    number = ParseNumber<std::int64_t>(word, 8);
  } else {
    number = ParseNumber<std::int64_t>(word, 10);
  }
  return number && negative ? std::optional(-*number) : number;
}

/// Before 4.4 and since, up to 1 GiB, up to 4 GiB, and above; less than 1 GiB is by memory.
bool IsDefaultBuckets(std::int64_t buckets) {
  constexpr std::int64_t kLargest[] = {16'384, 65'536, 262'144};
  // RAM / 16384 / 8 of at most 1 GiB, rounded up to whole pages.
  constexpr std::int64_t kOfOneGigabyte = 8192;
  return buckets <= kOfOneGigabyte || std::ranges::find(kLargest, buckets) != std::end(kLargest);
}

bool IsDefaultLimit(std::int64_t limit, std::int64_t buckets) {
  if (limit == 65'536 || limit == 262'144) return true;  // whatever became of the buckets
  return limit == buckets || limit == 4 * buckets || limit == 8 * buckets;
}

bool IsDefaultExpectMax(std::int64_t limit, std::int64_t buckets) {
  return limit == 4 * std::max<std::int64_t>(buckets / 256, 1) || limit == 256 || limit == 1024 ||
         limit == 4096;
}

}  // namespace

Result<std::int64_t> ParseSettingValue(std::string_view setting, std::string_view text) {
  auto rest = text;
  const auto number = ParseAnyBase(TakeWord(rest));
  if (!number) {
    return Fail(ErrorKind::kMalformed, "\"" + std::string(text.substr(0, 40)) + "\" is no number");
  }
  const auto range = RangeOf(ShortName(setting));
  if (*number < range.least || *number > range.most) {
    return Fail(ErrorKind::kMalformed, std::to_string(*number) + " is not between " +
                                           std::to_string(range.least) + " and " +
                                           std::to_string(range.most));
  }
  return *number;
}

bool IsPossibleDefault(std::string_view setting, std::int64_t value, std::int64_t buckets) {
  const auto name = ShortName(setting);
  if (name == "max") return IsDefaultLimit(value, buckets);
  if (name == "buckets") return IsDefaultBuckets(value);
  if (name == "expect_max") return IsDefaultExpectMax(value, buckets);
  const auto known = std::ranges::find(kDefaults, name, &Defaults::name);
  return known == std::end(kDefaults) || value == known->values[0] || value == known->values[1];
}

}  // namespace conntrack::kernel
