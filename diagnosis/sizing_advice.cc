#include "diagnosis/sizing_advice.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "diagnosis/diagnosis.h"
#include "diagnosis/format.h"
#include "kernel/text.h"

namespace conntrack {
namespace {

// From this release on, nf_conntrack_buckets is writable, and all network namespaces share one hash
// table (since 4.7). Assumed if the release is unknown.
constexpr kernel::KernelRelease kWritableBuckets{4, 9};
// Limits are multiples of this, so that buckets fill whole pages on every kernel.
constexpr std::uint64_t kLimitStep = 4 * kBucketsPerPage;
// A service with a smaller part of the table does not justify a rule.
constexpr std::uint64_t kSmallestPartToPropose = 20;  // 1/20

// Short for states in which an entry is useless; the kernel's default where peers still retransmit.
constexpr std::array<TimeoutRule, 10> kTimeoutRules = {{
    {"nf_conntrack_tcp_timeout_established", 21'600,
     "connections idle for longer lose their NAT mapping and no longer match ESTABLISHED; below "
     "7200, TCP keepalives come too late (net.ipv4.tcp_keepalive_time)"},
    {"nf_conntrack_tcp_timeout_time_wait", 60,
     "hosts stay in TIME_WAIT for 60 s: late segments become INVALID, and a reused port conflicts "
     "with the old connection"},
    {"nf_conntrack_tcp_timeout_close_wait", 20,
     "half-closed connections that take longer to close break; kube-proxy sets 3600 for them"},
    {"nf_conntrack_tcp_timeout_fin_wait", 30,
     "if one side closes later, its packets become INVALID"},
    {"nf_conntrack_tcp_timeout_last_ack", 30,
     "on lossy paths, the acknowledgement of a repeated last FIN becomes INVALID"},
    {"nf_conntrack_tcp_timeout_syn_recv", 60,
     "slow clients cannot connect: SYN-ACKs are repeated for 63 s "
     "(net.ipv4.tcp_synack_retries)"},
    {"nf_conntrack_tcp_timeout_syn_sent", 120,
     "connections to slow or lossy servers fail: SYNs are repeated for 127 s "
     "(net.ipv4.tcp_syn_retries)"},
    {"nf_conntrack_generic_timeout", 120,
     "tunnels and protocols without a tracker (ESP, OSPF) that pause for longer lose their "
     "mapping"},
    {"nf_conntrack_udp_timeout", 30,
     "later answers are new flows, which a stateful firewall drops"},
    {"nf_conntrack_udp_timeout_stream", 60,
     "VPNs, SIP and QUIC send keepalives every 25 to 30 s: a shorter timeout breaks them; with one "
     "just above, a single lost packet does"},
}};

bool MostlySourceTranslated(const Machine& machine) {
  return machine.flows && machine.flows->flows >= threshold::kFewFlows &&
         machine.flows->source_translated * 2 > machine.flows->flows;
}

void SetPeak(const Machine& machine, const SizingRequest& options, SizingAdvice& advice) {
  const auto count = machine.Sysctl("nf_conntrack_count").value_or(0);
  advice.headroom = options.headroom;
  if (options.peak && *options.peak >= count) {
    advice.peak = *options.peak;
    advice.peak_given = true;
  } else {
    advice.peak = count;
  }
}

/// Returns std::nullopt if no kube-proxy runs.
std::optional<KubeProxyWrites> KubeProxyOf(const Machine& machine, const SizingAdvice& advice) {
  const auto& kubernetes = machine.place.kubernetes;
  if (!kubernetes && advice.profile.profile != SizingProfile::kKubernetes) return std::nullopt;
  const auto mode = kubernetes ? kubernetes->kube_proxy : kernel::KubeProxyMode::kUnknown;
  if (mode == kernel::KubeProxyMode::kNone) return std::nullopt;
  const auto options = kubernetes ? kubernetes->kube_proxy_options : kernel::KubeProxyOptions{};
  const auto value = [&](std::string_view flag, std::string_view by_default) {
    const auto found = options.find(flag);
    return found == options.end() ? by_default : std::string_view(found->second);
  };
  KubeProxyWrites writes{mode != kernel::KubeProxyMode::kUnknown, {}, {}};
  const auto per_core =
      kernel::ParseNumber<std::uint64_t>(value("conntrack-max-per-core", "32768"));
  const auto least = kernel::ParseNumber<std::uint64_t>(value("conntrack-min", "131072"));
  if (machine.cpus && per_core.value_or(0) != 0) {
    writes.limit = std::max(least.value_or(0), *per_core * *machine.cpus);
  }
  for (const auto& timeout : kernel::kKubeProxyTimeouts) {
    // "0", "0s" and "0h0m0s" mean: do not change.
    const auto duration = value(timeout.flag, timeout.by_default);
    if (duration.find_first_of("123456789") == std::string_view::npos) continue;
    writes.timeouts.push_back(timeout.setting);
  }
  return writes;
}

LimitBases BasesOf(const Machine& machine, const SizingAdvice& advice) {
  LimitBases bases;
  if (machine.mem_total) bases.memory = LimitByMemory(*machine.mem_total);
  bases.peak = LimitByPeak(advice.peak, advice.headroom);
  bases.profile = LimitByProfile(advice.profile.profile, bases.memory.value_or(0), bases.peak);
  if (machine.cpus) bases.kube_proxy = LimitByKubeProxy(*machine.cpus);
  if (advice.kube_proxy && advice.kube_proxy->limit) bases.kube_proxy = advice.kube_proxy->limit;
  return bases;
}

/// Names the rule that determines the limit.
std::string LimitReason(const SizingAdvice& advice) {
  const auto& bases = advice.bases;
  const auto& range = RangeOf(advice.profile.profile);
  const auto profile = "profile " + std::string(range.name);
  if (bases.peak >= bases.profile) {
    std::ostringstream reason;
    reason << advice.headroom << " times the peak of " << advice.peak;
    return reason.str();
  }
  if (bases.profile > range.lowest) return "as much of " + profile + " as the memory carries";
  return (range.lowest < range.highest ? "lower end of " : "") + profile;
}

/// Never below the current limit: lowering it frees no memory and drops new connections.
SettingAdvice LimitOf(const Machine& machine, const SizingAdvice& advice) {
  const auto wanted = std::max(advice.bases.profile, advice.bases.peak);
  SettingAdvice limit{machine.Sysctl("nf_conntrack_max"),
                      (wanted + kLimitStep - 1) / kLimitStep * kLimitStep, LimitReason(advice)};
  if (limit.now == limit.advised) {
    limit.reason = "current value, and right: " + limit.reason;
  } else if (limit.now && *limit.now > limit.advised) {
    limit.reason = "current value; " + std::to_string(limit.advised) + " would be enough (" +
                   limit.reason + "), but an entry takes memory only once it exists";
    limit.advised = *limit.now;
  }
  return limit;
}

SettingAdvice BucketsOf(const Machine& machine, const SizingAdvice& advice) {
  const bool refuses = machine.refuses_long_chains.value_or(true);  // Unknown: rather too many.
  SettingAdvice buckets;
  buckets.now = machine.Sysctl("nf_conntrack_buckets");
  buckets.advised = BucketsFor(advice.limit.advised, refuses, advice.profile.profile);
  const bool equal = buckets.advised >= advice.limit.advised;
  buckets.reason = !equal    ? "a quarter of the limit: this kernel refuses no long chains"
                   : refuses ? "as many as entries: this kernel refuses long chains"
                             : "as many as entries, for a Kubernetes node";
  if (buckets.now && *buckets.now >= buckets.advised) {
    buckets.reason = "current value is large enough: no resize";
    buckets.advised = *buckets.now;
  }
  return buckets;
}

std::optional<MemoryCost> MemoryOf(const Machine& machine, const SizingAdvice& advice) {
  if (!machine.entry_memory) return std::nullopt;
  const auto entry_bytes = machine.entry_memory->entry_bytes;
  MemoryCost cost{entry_bytes, machine.entry_memory->source, entry_bytes * advice.limit.advised,
                  HashTableBytes(advice.buckets.advised), std::nullopt};
  if (machine.mem_total && *machine.mem_total > 0) {
    cost.share = static_cast<double>(cost.entries_bytes + cost.table_bytes) /
                 static_cast<double>(*machine.mem_total);
  }
  return cost;
}

std::vector<TimeoutAdvice> TimeoutsOf(const Machine& machine) {
  std::vector<TimeoutAdvice> timeouts;
  for (const auto& rule : kTimeoutRules) {
    const auto now = machine.Sysctl(rule.sysctl);
    const bool exists = now || machine.module == ModuleState::kNotLoaded;
    timeouts.push_back({rule, exists, now, std::min(rule.seconds, now.value_or(rule.seconds))});
  }
  return timeouts;
}

/// Returns the requested switches with their cost.
std::vector<ExtensionAdvice> ExtensionsOf(const Machine& machine, const SizingRequest& options,
                                          const SizingAdvice& advice) {
  // The kernel allocates the extensions of an entry together, in at least 128 bytes
  // (nf_ct_ext_add). These extensions and those of NAT and events fit.
  constexpr std::uint64_t kExtensionBytes = 128;
  bool paid = std::ranges::any_of(
      std::array{"nf_conntrack_acct", "nf_conntrack_timestamp", "nf_conntrack_events"},
      [&](const auto* sysctl) { return machine.Sysctl(sysctl) == 1U; });
  std::vector<ExtensionAdvice> extensions;
  const auto add = [&](std::string_view sysctl, const std::string& bytes) {
    const auto now = machine.Sysctl(sysctl);
    auto price = bytes + " of the 128 that the kernel allocates for the extensions of an entry: ";
    price += paid ? "no more memory, entries have extensions anyway"
                  : "128 more for entries without any (no NAT, events or helper), " +
                        Bytes(kExtensionBytes * advice.limit.advised) + " at the limit";
    paid = true;
    extensions.push_back({sysctl, now || machine.module == ModuleState::kNotLoaded, now,
                          price + " (computed: slabinfo does not tell them apart)"});
  };
  if (options.accounting) add("nf_conntrack_acct", "packets and bytes of each flow, 32 bytes");
  if (options.timestamps) add("nf_conntrack_timestamp", "when each flow began, 16 bytes");
  return extensions;
}

/// Returns candidates without NAT, which NOTRACK would break: services with a large part of the
/// table, and routing and tunnel protocols with any flows.
std::vector<TargetFlows> ProposalsOf(const Machine& machine, const SizingRequest& options) {
  std::vector<TargetFlows> proposals;
  if (!machine.flows) return proposals;
  const auto propose = [&](const TargetFlows& of) {
    const auto is_it = [&](const NotrackTarget& target) { return target == of.target; };
    if (of.translated > 0 || std::ranges::any_of(options.notrack, is_it) ||
        std::ranges::any_of(proposals, is_it, &TargetFlows::target)) {
      return;
    }
    proposals.push_back(of);
  };
  for (const auto& service : machine.flows->services) {
    if (proposals.size() == options.top) break;
    if (service.flows * kSmallestPartToPropose >= machine.flows->flows) propose(service);
  }
  for (const auto& known : machine.flows->targets) {
    if (known.flows > 0) propose(known);
  }
  return proposals;
}

}  // namespace

ProfileChoice ChooseProfile(const Machine& machine) {
  if (const auto& kubernetes = machine.place.kubernetes) {
    return {SizingProfile::kKubernetes, kubernetes->sign + " shows a Kubernetes node"};
  }
  if (!machine.mem_total) return {SizingProfile::kLight, "the memory is not known"};
  const auto carries = LimitByMemory(*machine.mem_total);
  const auto carries_range = [carries](SizingProfile profile) {
    return carries >= RangeOf(profile).lowest;
  };
  if (machine.forwarding && MostlySourceTranslated(machine) &&
      carries_range(SizingProfile::kNatGateway)) {
    return {SizingProfile::kNatGateway, "IP forwarding is on, and most flows use source NAT"};
  }
  const auto by_memory = "by memory, which allows " + std::to_string(carries) + " entries";
  if (carries >= RangeOf(SizingProfile::kHeavy).highest) return {SizingProfile::kHeavy, by_memory};
  if (carries_range(SizingProfile::kMedium)) return {SizingProfile::kMedium, by_memory};
  return {SizingProfile::kLight, by_memory};
}

SizingAdvice AdviseSizing(const Machine& machine, const SizingRequest& options) {
  SizingAdvice advice;
  advice.profile = options.profile ? ProfileChoice{*options.profile, "given by --profile"}
                                   : ChooseProfile(machine);
  SetPeak(machine, options, advice);
  advice.kube_proxy = KubeProxyOf(machine, advice);
  advice.bases = BasesOf(machine, advice);
  advice.limit = LimitOf(machine, advice);
  advice.buckets = BucketsOf(machine, advice);
  advice.buckets_by_sysctl = machine.kernel.value_or(kWritableBuckets) >= kWritableBuckets;
  advice.memory = MemoryOf(machine, advice);
  advice.timeouts = TimeoutsOf(machine);
  advice.extensions = ExtensionsOf(machine, options, advice);
  advice.notrack = options.notrack;
  advice.proposals = ProposalsOf(machine, options);
  advice.warnings = SizingWarnings(machine, options, advice);
  advice.notes = SizingNotes(advice);
  return advice;
}

}  // namespace conntrack
