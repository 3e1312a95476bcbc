#include "collectors/memory_collector.h"

#include <unistd.h>

#include <string>
#include <utility>

#include "collectors/kernel/conntrack_sysctl.h"
#include "collectors/kernel/parse_number.h"
#include "collectors/kernel/slabinfo.h"

namespace conntrack {
namespace {

constexpr double kBucketBytes = sizeof(void*);

struct EntryMemory {
  double entry_bytes = 0;
  double held_bytes = 0;
  std::string source;
};

Result<EntryMemory> ReadEntryMemory(const kernel::KernelFiles& proc, std::int64_t entries) {
  if (const auto text = proc.Read("slabinfo")) {
    const auto slab =
        kernel::ParseSlabinfo(*text, static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)));
    if (slab) {
      return EntryMemory{static_cast<double>(slab->object_bytes),
                         static_cast<double>(slab->held_bytes), "slabinfo"};
    }
  }
  const auto release = proc.Read("sys/kernel/osrelease");
  if (!release) return Fail(release.error());
  const auto bytes = EstimateEntryBytes(*release);
  if (!bytes) return Fail(bytes.error());
  const auto entry_bytes = static_cast<double>(*bytes);
  return EntryMemory{entry_bytes, entry_bytes * static_cast<double>(entries), "estimate"};
}

}  // namespace

Result<std::uint64_t> EstimateEntryBytes(std::string_view release) {
  const auto dot = release.find('.');
  const auto major = kernel::ParseNumber<unsigned>(release.substr(0, dot));
  auto rest = dot == std::string_view::npos ? std::string_view{} : release.substr(dot + 1);
  const auto minor =
      kernel::ParseNumber<unsigned>(rest.substr(0, rest.find_first_not_of("0123456789")));
  if (!major || !minor) {
    return Fail(ErrorKind::kMalformed,
                "\"" + std::string(release.substr(0, 40)) + "\" is not a kernel release");
  }
  return std::pair(*major, *minor) >= std::pair(6U, 1U) ? 256 : 320;
}

Result<Collection> MemoryCollector::Collect(const ScrapeContext& /*context*/) {
  const auto entries = kernel::ReadSysctl(proc_, "nf_conntrack_count");
  if (!entries) return Fail(entries.error());
  const auto limit = kernel::ReadSysctl(proc_, "nf_conntrack_max");
  const auto buckets = kernel::ReadSysctl(proc_, "nf_conntrack_buckets");
  const auto meminfo = proc_.Read("meminfo");
  const auto total =
      meminfo ? kernel::ParseMemTotal(*meminfo) : Result<std::uint64_t>(Fail(meminfo.error()));
  const auto entry_memory = ReadEntryMemory(proc_, *entries);

  Collection collection;
  auto& families = collection.families;
  Family memory{"conntrack_memory_bytes",
                "Memory of connection tracking by kind: entries (slab pages of the whole host "
                "where /proc/slabinfo can be read, otherwise an estimate for this network "
                "namespace; without extensions) and the hash table.",
                MetricType::kGauge,
                {}};
  if (entry_memory) {
    collection.source = entry_memory->source;
    memory.samples.push_back({{{"kind", "entries"}}, entry_memory->held_bytes});
    families.push_back(
        Gauge("conntrack_entry_size_bytes",
              "Memory of one entry without extensions: the object size in /proc/slabinfo, or an "
              "estimate by kernel release where that cannot be read.",
              entry_memory->entry_bytes));
    families.push_back(
        {"conntrack_memory_source_info",
         "Where the size of an entry is from: slabinfo (measured) or estimate; always 1.",
         MetricType::kGauge,
         {{{{"source", entry_memory->source}}, 1}}});
  } else {
    collection.omissions.push_back({"conntrack_entry_size_bytes", entry_memory.error()});
  }
  if (buckets) {
    memory.samples.push_back(
        {{{"kind", "hash_table"}}, static_cast<double>(*buckets) * kBucketBytes});
  } else {
    collection.omissions.push_back(
        {"conntrack_memory_bytes{kind=\"hash_table\"}", buckets.error()});
  }
  if (entry_memory && limit && buckets) {
    families.push_back(Gauge("conntrack_memory_at_limit_bytes",
                             "Memory that entries (without extensions) and hash table take when "
                             "the table is full; an estimate from entry size, limit and buckets.",
                             entry_memory->entry_bytes * static_cast<double>(*limit) +
                                 static_cast<double>(*buckets) * kBucketBytes));
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

}  // namespace conntrack
