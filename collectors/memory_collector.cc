#include "collectors/memory_collector.h"

#include <string>
#include <utility>

#include "collectors/catalogue_entry.h"
#include "collectors/entry_memory.h"
#include "kernel/proc/conntrack_sysctl.h"
#include "kernel/proc/slabinfo.h"

namespace conntrack {

Result<Collection> MemoryCollector::Collect(const ScrapeContext& /*context*/) {
  const auto entries = kernel::ReadSysctl(proc_, "nf_conntrack_count");
  if (!entries) return Fail(entries.error());
  const auto limit = kernel::ReadSysctl(proc_, "nf_conntrack_max");
  const auto buckets = kernel::ReadSysctl(proc_, "nf_conntrack_buckets");
  const auto total = kernel::ReadMemTotal(proc_);
  const auto entry_memory = ReadEntryMemory(proc_, static_cast<std::uint64_t>(*entries));

  Collection collection;
  auto& families = collection.families;
  Family memory{"conntrack_memory_bytes",
                "Memory of connection tracking by kind: entries (slab pages of the whole host "
                "where /proc/slabinfo can be read, otherwise an estimate for this network "
                "namespace; without extensions) and the hash table.",
                MetricType::kGauge,
                {}};
  if (entry_memory) {
    collection.source = std::string(entry_memory->source);
    memory.samples.push_back(
        {{{"kind", "entries"}}, static_cast<double>(entry_memory->held_bytes)});
    families.push_back(
        Gauge("conntrack_entry_size_bytes",
              "Memory of one entry without extensions: the object size in /proc/slabinfo, or an "
              "estimate by kernel release where that cannot be read.",
              static_cast<double>(entry_memory->entry_bytes)));
    families.push_back(
        {"conntrack_memory_source_info",
         "Where the size of an entry is from: slabinfo (measured) or estimate; always 1.",
         MetricType::kGauge,
         {{{{"source", std::string(entry_memory->source)}}, 1}}});
  } else {
    collection.omissions.push_back({"conntrack_entry_size_bytes", entry_memory.error()});
  }
  if (buckets) {
    const auto bytes = HashTableBytes(static_cast<std::uint64_t>(*buckets));
    memory.samples.push_back({{{"kind", "hash_table"}}, static_cast<double>(bytes)});
  } else {
    collection.omissions.push_back(
        {"conntrack_memory_bytes{kind=\"hash_table\"}", buckets.error()});
  }
  if (entry_memory && limit && buckets) {
    const auto bytes = MemoryAtLimit(entry_memory->entry_bytes, static_cast<std::uint64_t>(*limit),
                                     static_cast<std::uint64_t>(*buckets));
    families.push_back(Gauge("conntrack_memory_at_limit_bytes",
                             "Memory that entries (without extensions) and hash table take when "
                             "the table is full; an estimate from entry size, limit and buckets.",
                             static_cast<double>(bytes)));
  }
  if (total) {
    families.push_back(Gauge("conntrack_system_memory_bytes", "Memory of the machine (MemTotal).",
                             static_cast<double>(*total)));
  } else {
    collection.omissions.push_back({"conntrack_system_memory_bytes", total.error()});
  }
  if (!memory.samples.empty()) families.push_back(std::move(memory));
  return collection;
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
