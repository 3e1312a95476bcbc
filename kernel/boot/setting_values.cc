#include "kernel/boot/setting_values.h"

#include <unistd.h>

#include <algorithm>
#include <limits>
#include <string>

#include "kernel/proc/conntrack_stat.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

/// The default is `value` before the release `changed`, `later` since `settled`, and either of them
/// in between: stable kernels and distributions adopted the change at different times.
struct Defaults {
  std::string_view name;  // after nf_conntrack_
  std::int64_t value = 0;
  KernelRelease changed = {};
  std::int64_t later = 0;
  KernelRelease settled = {};
};

constexpr Defaults kDefaults[] = {
    {"acct", 0},
    {"checksum", 1},
    {"timestamp", 0},
    {"log_invalid", 0},
    {"events", 1, {4, 18}, 2, {6, 1}},
    {"events_retry_timeout", 15},
    {"helper", 1, {0, 0}, 0, {4, 7}},
    {"tcp_loose", 1},
    {"tcp_be_liberal", 0},
    {"tcp_max_retrans", 3},
    {"tcp_ignore_invalid_rst", 0},
    {"generic_timeout", 600},
    {"icmp_timeout", 30},
    {"icmpv6_timeout", 30},
    {"udp_timeout", 30},
    {"udp_timeout_stream", 180, {4, 18}, 120, {5, 4}},
    {"udplite_timeout", 30},
    {"udplite_timeout_stream", 180},
    {"gre_timeout", 30},
    {"gre_timeout_stream", 180},
    {"tcp_timeout_syn_sent", 120},
    {"tcp_timeout_syn_recv", 60},
    {"tcp_timeout_established", 432'000},
    {"tcp_timeout_fin_wait", 120},
    {"tcp_timeout_close_wait", 60},
    {"tcp_timeout_last_ack", 30},
    {"tcp_timeout_time_wait", 120},
    {"tcp_timeout_close", 10},
    {"tcp_timeout_max_retrans", 300},
    {"tcp_timeout_unacknowledged", 300},
    {"sctp_timeout_closed", 10},
    {"sctp_timeout_cookie_wait", 3},
    {"sctp_timeout_cookie_echoed", 3},
    {"sctp_timeout_established", 432'000, {4, 4}, 210, {6, 6}},  // changed in stable kernels too
    {"sctp_timeout_shutdown_sent", 0, {4, 4}, 3, {6, 6}},        // 0.3 s, read as whole seconds
    {"sctp_timeout_shutdown_recd", 0, {4, 4}, 3, {6, 6}},
    {"sctp_timeout_shutdown_ack_sent", 3},
    {"sctp_timeout_heartbeat_sent", 30},
    {"sctp_timeout_heartbeat_acked", 210},
    {"dccp_loose", 1},
    {"dccp_timeout_request", 240},
    {"dccp_timeout_respond", 480},
    {"dccp_timeout_partopen", 480},
    {"dccp_timeout_open", 43'200},
    {"dccp_timeout_closereq", 64},
    {"dccp_timeout_closing", 64},
    {"dccp_timeout_timewait", 240},
};

struct Range {
  std::int64_t least = std::numeric_limits<std::int32_t>::min();
  std::int64_t most = std::numeric_limits<std::int32_t>::max();
};

Range RangeOf(std::string_view name) {
  for (const auto* known : {"acct", "checksum", "timestamp", "helper", "tcp_loose",
                            "tcp_be_liberal", "tcp_ignore_invalid_rst"}) {
    if (name == known) return {0, 1};
  }
  if (name == "events") return {0, 2};
  if (name == "log_invalid") return {0, 255};
  if (name == "buckets") return {1};
  // Jiffies must fit an int: 2^31 / HZ seconds, and HZ is at least 100.
  if (name.find("timeout") != std::string_view::npos) return {-21'474'836, 21'474'836};
  return {};
}

std::string_view ShortName(std::string_view setting) {
  (void)TakePrefix(setting, "nf_conntrack_");
  return setting;
}

// Like kstrtol() with base 0.
std::optional<std::int64_t> ParseAnyBase(std::string_view word) {
  const bool negative = TakePrefix(word, "-");
  const bool hexadecimal = TakePrefix(word, "0x") || TakePrefix(word, "0X");
  const bool octal = !hexadecimal && word.size() > 1 && word.starts_with('0');
  if (word.starts_with('-')) return std::nullopt;  // from_chars would accept it
  const auto number = ParseNumber<std::int64_t>(word, hexadecimal ? 16 : octal ? 8 : 10);
  return number && negative ? std::optional(-*number) : number;
}

constexpr std::uint64_t kGiB = 1ULL << 30U;

/// Like nf_conntrack_init_start().
std::int64_t BucketsFor(std::uint64_t memory, std::int64_t most, std::int64_t above_one,
                        std::int64_t least) {
  if (memory > 4 * kGiB && sizeof(void*) == 8) return most;
  if (memory > kGiB) return above_one;
  return std::max(least, static_cast<std::int64_t>(memory / 16'384 / sizeof(void*)));
}

DefaultRange Between(std::int64_t least, std::int64_t most) { return {least, most, true}; }

DefaultRange Scaled(const DefaultRange& range, std::int64_t factor) {
  return {range.least * factor, range.most * factor, range.between};
}

/// Returns the buckets of kernels with or without the limit on chains.
DefaultRange DefaultBuckets(const KernelTraits& kernel, bool limits_chains) {
  // The memory was slightly different when the module was loaded: without the kernel's own part if
  // it is built in, or before a balloon changed it.
  const auto memory = kernel.memory.value_or(8 * kGiB);
  const auto low = kernel.memory ? memory - memory / 32 : 0;
  const auto high = memory + memory / 32;
  const auto size = [&](std::uint64_t bytes, bool raised) {
    const auto buckets = limits_chains ? BucketsFor(bytes, 262'144, 65'536, 1024)
                                       : BucketsFor(bytes, raised ? 65'536 : 16'384, 16'384, 32);
    return kernel.RoundedUp(buckets);
  };
  // 4.4 has the larger size; older kernels of distributions may have it.
  const bool raised = !kernel.release || *kernel.release >= KernelRelease{4, 4};
  const auto least = size(low, raised);
  const auto most = size(high, true);
  // Above 1 GiB, it is one of a few sizes.
  return {least, most, low <= kGiB};
}

}  // namespace

bool IsValidEverywhere(std::string_view setting, std::int64_t value) {
  const auto name = ShortName(setting);
  // Until 6.18, 0 meant no limit. Since 5.14, the number of retransmissions is a byte.
  return value >= (name == "max" ? 1 : 0) && (name != "tcp_max_retrans" || value <= 255);
}

Result<std::int64_t> ParseSettingValue(std::string_view setting, std::string_view text) {
  auto rest = text;
  const auto number = ParseAnyBase(TakeWord(rest));
  if (!number) {
    return Fail(ErrorKind::kMalformed,
                "\"" + std::string(text.substr(0, 40)) + "\" is not a number");
  }
  const auto range = RangeOf(ShortName(setting));
  if (*number < range.least || *number > range.most) {
    return Fail(ErrorKind::kMalformed, std::to_string(*number) + " is not between " +
                                           std::to_string(range.least) + " and " +
                                           std::to_string(range.most));
  }
  return *number;
}

KernelTraits ReadKernelTraits(const KernelFiles& proc) {
  KernelTraits kernel;
  if (const auto release = ReadKernelRelease(proc)) kernel.release = *release;
  if (const auto memory = ReadMemTotal(proc)) kernel.memory = *memory;
  kernel.limits_chains = CountsLongChains(proc);
  // If the counters are missing: an older distribution kernel may limit chains too.
  const bool is_recent = kernel.release && *kernel.release >= KernelRelease{5, 15};
  if (!kernel.limits_chains && is_recent) kernel.limits_chains = true;
  kernel.buckets_step = ::sysconf(_SC_PAGESIZE) / static_cast<std::int64_t>(sizeof(void*));
  return kernel;
}

DefaultLimits DefaultLimitsOf(const KernelTraits& kernel, std::optional<std::int64_t> hash_size) {
  DefaultLimits limits;
  if (hash_size) {
    const auto buckets = kernel.RoundedUp(*hash_size);
    limits = {{buckets, buckets}, {8 * buckets, 8 * buckets}, {}};
  } else if (kernel.limits_chains) {
    limits.buckets = DefaultBuckets(kernel, *kernel.limits_chains);
    limits.max = Scaled(limits.buckets, *kernel.limits_chains ? 1 : 4);
  } else {
    const auto before = DefaultBuckets(kernel, false);
    const auto since = DefaultBuckets(kernel, true);
    limits.buckets = Between(before.least, since.most);
    limits.max =
        Between(std::min(4 * before.least, since.least), std::max(4 * before.most, since.most));
  }
  const auto expect = [](std::int64_t buckets) {
    return 4 * std::max<std::int64_t>(buckets / 256, 1);
  };
  limits.expect_max = {expect(limits.buckets.least), expect(limits.buckets.most),
                       limits.buckets.between};
  return limits;
}

std::optional<DefaultRange> DefaultOf(std::string_view setting, const KernelTraits& kernel) {
  const auto name = ShortName(setting);
  const auto limits = DefaultLimitsOf(kernel);
  if (name == "max") return limits.max;
  if (name == "buckets") return limits.buckets;
  if (name == "expect_max") return limits.expect_max;
  const auto known = std::ranges::find(kDefaults, name, &Defaults::name);
  if (known == std::end(kDefaults)) return std::nullopt;
  const bool is_old =
      known->settled == KernelRelease{} || (kernel.release && *kernel.release < known->changed);
  const bool is_new = !is_old && kernel.release && *kernel.release >= known->settled;
  const auto one = is_new ? known->later : known->value;
  const auto other = is_old ? known->value : known->later;
  return DefaultRange{std::min(one, other), std::max(one, other)};
}

}  // namespace conntrack::kernel
