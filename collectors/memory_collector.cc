#include "collectors/memory_collector.h"

#include <string>
#include <utility>

#include "collectors/catalogue_entry.h"
#include "kernel/proc/machine.h"
#include "kernel/proc/sysctl.h"

namespace conntrack {
namespace {

constexpr const char* kHost = "host";
constexpr const char* kNetns = "netns";

/// The part of the result that needs the limit.
constexpr const char* kAtLimitPart = "conntrack_memory_at_limit_bytes";

std::vector<Family> FamiliesOf(const MemoryReading& reading) {
  std::vector<Family> families;
  auto memory = Gauges(
      "conntrack_memory_bytes",
      "Memory of connection tracking by kind and scope: entries of this network namespace (netns: "
      "their number times the size of one) and of all network namespaces (host: slab pages, if "
      "/proc/slabinfo is readable), both without extensions, and the hash table.");
  if (const auto& entries = reading.entries) {
    memory.Add({{"kind", "entries"}, {"scope", kNetns}}, entries->netns_bytes);
    if (entries->host_bytes) {
      memory.Add({{"kind", "entries"}, {"scope", kHost}}, *entries->host_bytes);
    }
    families.push_back(
        Gauge("conntrack_entry_size_bytes",
              "Memory of one entry without extensions: the object size in /proc/slabinfo, or an "
              "estimate by kernel release where that cannot be read.",
              entries->entry_bytes));
    families.push_back(Info("conntrack_memory_source_info",
                            "Source of the entry size: slabinfo (measured) or estimate. Always 1.",
                            {{"via", std::string(entries->source)}}));
  }
  if (reading.hash_table) {
    memory.Add({{"kind", "hash_table"}, {"scope", reading.one_hash_table ? kHost : kNetns}},
               *reading.hash_table);
  }
  if (reading.at_limit) {
    families.push_back(Gauge(kAtLimitPart,
                             "Estimated memory of entries (without extensions) and hash table when "
                             "the table is full, from entry size, limit and buckets.",
                             *reading.at_limit));
  }
  if (reading.machine) {
    families.push_back(Gauge("conntrack_system_memory_bytes", "Memory of the machine (MemTotal).",
                             *reading.machine));
  }
  if (!memory.samples.empty()) families.push_back(std::move(memory));
  return families;
}

/// Fails if there is no limit: kernels before 6.19 treat 0 as no limit.
Result<std::int64_t> ReadLimit(const kernel::KernelFiles& proc) {
  auto limit = kernel::ReadSysctl(proc, "nf_conntrack_max");
  if (limit && *limit == 0) {
    return Fail(ErrorKind::kAbsent, "nf_conntrack_max is 0: there is no limit",
                "set nf_conntrack_max; conntrack_exporter advise says to what");
  }
  return limit;
}

}  // namespace

Result<Collection> MemoryCollector::Collect(const ScrapeContext& /*context*/) {
  const auto entries = kernel::ReadSysctl(proc_, "nf_conntrack_count");
  if (!entries) return Fail(entries.error());

  MemoryReading reading;
  auto& omissions = reading.omissions;
  reading.entries = ValueOrOmit(ReadEntryMemory(proc_, static_cast<std::uint64_t>(*entries)),
                                "conntrack_entry_size_bytes", omissions);
  const auto buckets = ValueOrOmit(kernel::ReadSysctl(proc_, "nf_conntrack_buckets"),
                                   "conntrack_memory_bytes{kind=\"hash_table\"}", omissions);
  if (buckets) reading.hash_table = HashTableBytes(static_cast<std::uint64_t>(*buckets));
  const auto release = kernel::ReadKernelRelease(proc_);
  reading.one_hash_table = !release || *release >= kernel::kOneHashTable;
  const auto limit = ValueOrOmit(ReadLimit(proc_), kAtLimitPart, omissions);
  if (reading.entries && limit && buckets) {
    reading.at_limit =
        MemoryAtLimit(reading.entries->entry_bytes, static_cast<std::uint64_t>(*limit),
                      static_cast<std::uint64_t>(*buckets));
  }
  reading.machine =
      ValueOrOmit(kernel::ReadMemTotal(proc_), "conntrack_system_memory_bytes", omissions);
  const std::string source(reading.entries ? reading.entries->source : "");
  return Collection{
      FamiliesOf(reading), omissions, source, {}, std::make_shared<const MemoryReading>(reading)};
}

CatalogueEntry MemoryEntry() {
  return {
      .name = "memory",
      .on_by_default = true,
      .summary = "memory of the table, now and at its limit",
      .needs = "nothing (root for measured sizes)",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<MemoryCollector>(inputs.access.proc);
          },
      .max_age = std::chrono::seconds(1),
  };
}

}  // namespace conntrack
