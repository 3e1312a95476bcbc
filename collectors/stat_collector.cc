#include "collectors/stat_collector.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "collectors/catalogue_entry.h"
#include "kernel/netlink/ctnetlink_stat.h"
#include "kernel/proc/flowtable_stat.h"

namespace conntrack {
namespace {

constexpr const char* kFlowtableTasks = "conntrack_flowtable_pending_tasks";

struct CounterFamily {
  std::string_view name;
  std::string_view help;
};

/// The family of each kernel::StatCounter.
constexpr std::array<CounterFamily, kernel::kStatCounters> kFamilies = {{
    {"conntrack_stat_found_total",
     "Lookups that found an entry. Since Linux 4.9, only lookups by NAT that found a tuple in use "
     "(source port contention)."},
    {"conntrack_stat_invalid_total",
     "Packets that could not be tracked; they pass unless a rule drops state INVALID."},
    {"conntrack_stat_insert_total",
     "Entries inserted. Since Linux 4.9, only those inserted over ctnetlink or by BPF, not by "
     "packets."},
    {"conntrack_stat_insert_failed_total",
     "Entries that could not be inserted. Since Linux 5.10, packets lost because a clash was not "
     "resolved or a chain was too long; before, resolved clashes as well."},
    {"conntrack_stat_drop_total",
     "Packets dropped because the table was full, memory was short, or (since Linux 4.9) a clash "
     "could not be resolved."},
    {"conntrack_stat_early_drop_total",
     "Entries that were not ASSURED and were evicted because the table was full."},
    {"conntrack_stat_error_total",
     "Packets that contain a malformed ICMP or ICMPv6 error (icmp_error); before Linux 5.10, any "
     "protocol error."},
    {"conntrack_stat_search_restart_total",
     "Lookups restarted because an entry moved to another chain. Grows with connection churn."},
    {"conntrack_stat_clash_resolve_total",
     "Insertions that clashed with an existing entry and were resolved without loss (Linux 5.10 "
     "and later)."},
    {"conntrack_stat_chain_toolong_total",
     "Packets dropped because the chain of their hash bucket was too long (Linux 5.15 and later); "
     "also in insert_failed, not in drop."},
}};

void DropIdleAbsentCpus(const Result<kernel::CpuTopology>& topology, kernel::ConntrackStat& stat) {
  if (!topology) return;  // rather too many rows of zeros than none
  const auto& present = topology->present;
  std::erase_if(stat.cpus, [&present](const kernel::CpuStat& cpu) {
    // In containers, the visible CPUs may differ from those that the kernel counts on.
    return !std::binary_search(present.begin(), present.end(), cpu.cpu) &&
           std::ranges::none_of(cpu.counters, [](const auto& value) { return value.value_or(0); });
  });
}

/// Returns a family for each counter of this kernel, with a sample per CPU; and the source.
std::vector<Family> FamiliesOf(const StatReading& reading) {
  std::vector<Family> families;
  for (std::size_t i = 0; i < kFamilies.size(); ++i) {
    auto family = Counters(kFamilies[i].name, kFamilies[i].help);
    for (const auto& cpu : reading.stat.cpus) {
      if (const auto& value = cpu.counters[i]) {
        family.Add({{"cpu", std::to_string(cpu.cpu)}}, *value);
      }
    }
    if (!family.samples.empty()) families.push_back(std::move(family));
  }
  families.push_back(Info("conntrack_stat_source_info",
                          "Source of the conntrack_stat_ counters: ctnetlink or procfs. Always 1.",
                          {{"via", std::string(reading.source)}}));
  families.push_back(Gauge("conntrack_stat_unknown_columns",
                           "Columns or attributes of the kernel's statistics that this version of "
                           "the exporter does not know.",
                           reading.stat.unknown.size()));
  return families;
}

/// Only on kernels that have the file. Its absence is not an omission.
void AddFlowtableTasks(const KernelAccess& access, Collection& collection) {
  const auto tasks =
      access.proc.Read(kernel::kFlowtableStatPath).and_then(kernel::ParseFlowtableStat);
  if (!tasks) {
    if (tasks.error().kind == ErrorKind::kAbsent) return;
    collection.omissions.push_back({kFlowtableTasks, tasks.error()});
    return;
  }
  auto family = Gauges(kFlowtableTasks,
                       "Tasks, queued or running, that add flows of flowtables to hardware (add), "
                       "delete them (del), or fetch their counters (stats). From "
                       "/proc/net/stat/nf_flowtable, Linux 6.0 and later.");
  for (std::size_t i = 0; i < tasks->size(); ++i) {
    if (const auto& pending = (*tasks)[i]) {
      family.Add({{"task", std::string(kernel::kFlowtableTasks[i])}}, *pending);
    }
  }
  collection.families.push_back(std::move(family));
}

}  // namespace

Result<kernel::ConntrackStat> ReadProcStat(const KernelAccess& access,
                                           const std::vector<std::uint32_t>& possible) {
  const auto text = access.proc.Read(kernel::kProcStatPath);
  if (!text) {
    auto error = text.error();
    if (error.kind == ErrorKind::kAbsent) {
      error.remedy =
          "the kernel is built without CONFIG_NF_CONNTRACK_PROCFS: give CAP_NET_ADMIN, to read it "
          "over ctnetlink";
    }
    return Fail(std::move(error));
  }
  return kernel::ParseProcStat(*text, possible);
}

Result<StatReading> ReadStat(const KernelAccess& access,
                             const Result<kernel::CpuTopology>& topology) {
  StatReading reading;
  auto stat = kernel::ReadStatPerCpu(access.netlink);
  if (stat) {
    reading = {*std::move(stat), "ctnetlink"};
  } else {
    auto from_file =
        ReadProcStat(access, topology ? topology->possible : std::vector<std::uint32_t>{});
    if (!from_file) {
      auto error = stat.error();
      error.message += "; and " + from_file.error().message;
      return Fail(std::move(error));
    }
    reading = {*std::move(from_file), "procfs"};
  }
  DropIdleAbsentCpus(topology, reading.stat);
  return reading;
}

Result<Collection> StatCollector::Collect(const ScrapeContext& /*context*/) {
  const auto topology = topology_.Get([this] { return kernel::ReadCpuTopology(access_.sys); });
  auto read = ReadStat(access_, topology);
  if (!read) return Fail(std::move(read.error()));
  const auto reading = std::make_shared<const StatReading>(*std::move(read));
  Collection collection{FamiliesOf(*reading), {}, std::string(reading->source), {}, reading};
  AddFlowtableTasks(access_, collection);
  return collection;
}

CatalogueEntry StatEntry() {
  return {
      .name = "stat",
      .on_by_default = true,
      .summary = "counters of packet loss, clashes and lookups, per CPU",
      .needs = "nothing (CAP_NET_ADMIN where the kernel has no /proc/net/stat/nf_conntrack)",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<StatCollector>(inputs.access);
          },
      .capabilities = {{Capability::kNetAdmin,
                        "counters over ctnetlink, which has more of them than /proc"}},
  };
}

}  // namespace conntrack
