#include "collectors/stat_families.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "collectors/family_lookup.h"
#include "kernel/text.h"

namespace conntrack {
namespace {

using kernel::StatCounter;

struct CounterFamily {
  StatCounter counter;
  std::string_view name;
  std::string_view help;
};

constexpr std::array<CounterFamily, kernel::kStatCounters> kFamilies = {{
    {StatCounter::kFound, "conntrack_stat_found_total",
     "Lookups that found an entry; since Linux 4.9 only NAT finding a tuple already taken: source "
     "port contention."},
    {StatCounter::kInvalid, "conntrack_stat_invalid_total",
     "Packets that could not be tracked; they pass unless a rule drops state INVALID."},
    {StatCounter::kInsert, "conntrack_stat_insert_total",
     "Entries inserted; since Linux 4.9 only those inserted over ctnetlink or by BPF, not by "
     "packets."},
    {StatCounter::kInsertFailed, "conntrack_stat_insert_failed_total",
     "Entries that could not be inserted: since Linux 5.10 packets lost to an unresolved clash or "
     "a chain too long; before, clashes that were resolved too."},
    {StatCounter::kDrop, "conntrack_stat_drop_total",
     "Packets dropped because the table was full, memory was short, or (since Linux 4.9) a clash "
     "could not be resolved."},
    {StatCounter::kEarlyDrop, "conntrack_stat_early_drop_total",
     "Entries that were not ASSURED and were evicted to make room in a full table."},
    {StatCounter::kError, "conntrack_stat_error_total",
     "Packets with a broken ICMP or ICMPv6 error in them (icmp_error); before Linux 5.10 any "
     "protocol error."},
    {StatCounter::kSearchRestart, "conntrack_stat_search_restart_total",
     "Lookups begun again because an entry moved to another chain meanwhile; grows with churn."},
    {StatCounter::kClashResolve, "conntrack_stat_clash_resolve_total",
     "Insertions that met the same entry and were resolved without loss (Linux 5.10 and later)."},
    {StatCounter::kChainTooLong, "conntrack_stat_chain_toolong_total",
     "Packets dropped because the chain of their hash bucket was too long (Linux 5.15 and later); "
     "also in insert_failed, not in drop."},
}};

/// The family with one sample for each CPU that has the counter; without samples where this kernel
/// does not count it.
Family MakeFamily(const CounterFamily& spec, const kernel::ConntrackStat& stat) {
  Family family{spec.name, spec.help, MetricType::kCounter, {}};
  for (const auto& cpu : stat.cpus) {
    const auto value = cpu[spec.counter];
    if (value)
      family.samples.push_back({{{"cpu", std::to_string(cpu.cpu)}}, static_cast<double>(*value)});
  }
  return family;
}

kernel::CpuStat& CpuOf(std::vector<kernel::CpuStat>& cpus, std::uint32_t cpu) {
  const auto found = std::find_if(cpus.begin(), cpus.end(),
                                  [cpu](const kernel::CpuStat& stat) { return stat.cpu == cpu; });
  return found == cpus.end() ? cpus.emplace_back(kernel::CpuStat{cpu, {}}) : *found;
}

}  // namespace

std::vector<Family> StatFamilies(const kernel::ConntrackStat& stat) {
  std::vector<Family> families;
  for (const auto& spec : kFamilies) {
    auto family = MakeFamily(spec, stat);
    if (!family.samples.empty()) families.push_back(std::move(family));
  }
  return families;
}

std::optional<kernel::ConntrackStat> StatOf(const std::vector<Family>& families) {
  kernel::ConntrackStat stat;
  for (const auto& spec : kFamilies) {
    const auto* family = FamilyNamed(families, spec.name);
    if (family == nullptr) continue;
    for (const auto& sample : family->samples) {
      const auto cpu = kernel::ParseNumber<std::uint32_t>(LabelOf(sample, "cpu"));
      if (cpu)
        CpuOf(stat.cpus, *cpu)[spec.counter] = static_cast<std::uint32_t>(Whole(sample.value));
    }
  }
  return stat.cpus.empty() ? std::nullopt : std::optional(std::move(stat));
}

}  // namespace conntrack
