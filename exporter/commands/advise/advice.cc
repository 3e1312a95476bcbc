#include "exporter/commands/advise/advice.h"

#include <algorithm>
#include <utility>

#include "exporter/commands/advise/quantities.h"
#include "exporter/commands/advise/warnings.h"

namespace conntrack::exporter::advise {
namespace {

// Where the release is not known: the newest era, whose buckets are never too few.
constexpr kernel::KernelRelease kNewest{6, 18};
// Since then the hash table is one for the host, and nf_conntrack_buckets can be written.
constexpr kernel::KernelRelease kWritableBuckets{4, 9};
// A limit of so many entries has whole pages of buckets in every era.
constexpr std::uint64_t kLimitStep = 4 * kBucketsPerPage;
// A service with a smaller part of the table is not worth a rule.
constexpr std::uint64_t kSmallestPartToPropose = 20;  // a twentieth

void SetPeak(const Machine& machine, const AdviseOptions& options, Advice& advice) {
  const auto count = machine.Sysctl("nf_conntrack_count").value_or(0);
  advice.headroom = options.headroom;
  if (options.peak && *options.peak >= count) {
    advice.peak = *options.peak;
    advice.peak_given = true;
  } else {
    advice.peak = count;
  }
}

Bases BasesOf(const Machine& machine, const Advice& advice) {
  Bases bases;
  if (machine.mem_total) bases.memory = LimitByMemory(*machine.mem_total);
  bases.peak = LimitByPeak(advice.peak, advice.headroom);
  bases.profile = LimitByProfile(advice.profile.profile, bases.memory.value_or(0), bases.peak);
  if (machine.cpus) bases.kube_proxy = LimitByKubeProxy(*machine.cpus);
  return bases;
}

/// Which rule the limit is from.
std::string LimitReason(const Advice& advice) {
  const auto& bases = advice.bases;
  const auto& range = RangeOf(advice.profile.profile);
  const auto profile = "profile " + std::string(range.name);
  if (bases.peak >= bases.profile) {
    return Multiple(advice.headroom) + " times the peak of " + std::to_string(advice.peak);
  }
  if (bases.profile > range.lowest) return "as much of " + profile + " as the memory carries";
  return (range.lowest < range.highest ? "lower end of " : "") + profile;
}

/// Never below what is in force: less of it frees no memory, and drops who comes late.
Setting LimitOf(const Machine& machine, const Advice& advice) {
  const auto wanted = std::max(advice.bases.profile, advice.bases.peak);
  Setting limit{machine.Sysctl("nf_conntrack_max"),
                (wanted + kLimitStep - 1) / kLimitStep * kLimitStep, LimitReason(advice)};
  if (limit.now == limit.advised) {
    limit.reason = "in force, and right: " + limit.reason;
  } else if (limit.now && *limit.now > limit.advised) {
    limit.reason = "in force; " + std::to_string(limit.advised) + " would do (" + limit.reason +
                   "), but an entry takes memory only once it exists";
    limit.advised = *limit.now;
  }
  return limit;
}

Setting BucketsOf(const Machine& machine, const Advice& advice) {
  const auto release = machine.kernel.value_or(kNewest);
  const auto profile = advice.profile.profile;
  Setting buckets;
  buckets.now = machine.Sysctl("nf_conntrack_buckets");
  buckets.advised = BucketsFor(advice.limit.advised, release, profile);
  const bool equal = buckets.advised >= advice.limit.advised;
  buckets.reason = !equal ? "a quarter of the limit: the rule before Linux 5.15"
                   : release >= kernel::KernelRelease{5, 15}
                       ? "as many as entries: the rule since Linux 5.15, which refuses long chains"
                       : "as many as entries, for a Kubernetes node";
  if (buckets.now && *buckets.now >= buckets.advised) {
    buckets.reason = "in force and enough: no resize";
    buckets.advised = *buckets.now;
  }
  return buckets;
}

std::optional<MemoryCost> MemoryOf(const Machine& machine, const Advice& advice) {
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
  for (const auto& rule : TimeoutRules()) {
    const auto now = machine.Sysctl(rule.sysctl);
    const bool exists = now || machine.module == ModuleState::kNotLoaded;
    timeouts.push_back({rule, exists, now, std::min(rule.seconds, now.value_or(rule.seconds))});
  }
  return timeouts;
}

/// Services with a large part of the table that are not asked for, and not translated: for those
/// that are, a rule would be an outage.
std::vector<ServiceFlows> ProposalsOf(const Machine& machine, const AdviseOptions& options) {
  std::vector<ServiceFlows> proposals;
  if (!machine.flows) return proposals;
  for (const auto& service : machine.flows->services) {
    const bool asked_for = std::find(options.services.begin(), options.services.end(),
                                     service.service) != options.services.end();
    if (asked_for || service.translated > 0 || proposals.size() == options.top ||
        service.flows * kSmallestPartToPropose < machine.flows->flows) {
      continue;
    }
    proposals.push_back(service);
  }
  return proposals;
}

}  // namespace

Advice Advise(const Machine& machine, const AdviseOptions& options) {
  Advice advice;
  advice.profile = options.profile ? ProfileChoice{*options.profile, "given by --profile"}
                                   : ChooseProfile(machine);
  SetPeak(machine, options, advice);
  advice.bases = BasesOf(machine, advice);
  advice.limit = LimitOf(machine, advice);
  advice.buckets = BucketsOf(machine, advice);
  advice.buckets_by_sysctl = machine.kernel.value_or(kNewest) >= kWritableBuckets;
  advice.memory = MemoryOf(machine, advice);
  advice.timeouts = TimeoutsOf(machine);
  advice.notrack = options.services;
  advice.proposals = ProposalsOf(machine, options);
  advice.warnings = WarningsFor(machine, options, advice);
  advice.notes = NotesFor(advice);
  return advice;
}

}  // namespace conntrack::exporter::advise
