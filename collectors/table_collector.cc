#include "collectors/table_collector.h"

#include <utility>

#include "collectors/catalogue_entry.h"
#include "collectors/stat_collector.h"
#include "kernel/netlink/ctnetlink_stat.h"
#include "kernel/proc/sysctl.h"

namespace conntrack {
namespace {

/// Returns the sysctl, or the same number over ctnetlink if the sysctl cannot be read. Returns the
/// error of the sysctl if neither works.
Result<std::int64_t> ReadWithFallback(const KernelAccess& access, std::string_view sysctl,
                                      std::optional<std::uint32_t> kernel::TableStat::*number) {
  auto value = kernel::ReadSysctl(access.proc, sysctl);
  if (value || value.error().kind == ErrorKind::kMalformed) return value;
  const auto table = kernel::ReadTableStat(access.netlink);
  if (!table || !((*table).*number)) return value;
  return *((*table).*number);
}

void AddGauge(std::vector<Family>& families, std::string_view name, std::string_view help,
              std::optional<std::int64_t> value) {
  if (value) families.push_back(Gauge(name, help, *value));
}

std::vector<Family> FamiliesOf(const TableReading& reading) {
  std::vector<Family> families;
  AddGauge(families, "conntrack_entries",
           "Entries in the connection tracking table of this network namespace, including those "
           "that are expired but not yet removed (nf_conntrack_count).",
           reading.entries);
  AddGauge(families, "conntrack_entries_limit",
           "Limit of entries (nf_conntrack_max), at which the kernel refuses new connections. It "
           "is one value for the host, but applies to each network namespace separately. Before "
           "Linux 6.19, 0 means no limit.",
           reading.limit);
  AddGauge(families, "conntrack_entries_peak",
           "Highest number of entries in the last minute, sampled four times a second, to show "
           "bursts between scrapes.",
           reading.peak);
  if (reading.full_seconds) {
    families.push_back(Counter("conntrack_entries_full_seconds_total",
                               "Seconds since the exporter started during which the table was at "
                               "least 95 % full, sampled four times a second.",
                               *reading.full_seconds));
  }
  AddGauge(families, "conntrack_hash_buckets",
           "Buckets of the hash table (nf_conntrack_buckets). The hash table contains each entry "
           "twice, once for each direction.",
           reading.buckets);
  AddGauge(families, "conntrack_expectations",
           "Connections that helpers (FTP, SIP, ...) expect in this network namespace.",
           reading.expectations);
  AddGauge(families, "conntrack_expectations_limit",
           "Limit of expectations (nf_conntrack_expect_max), at which helpers can add no more.",
           reading.expectations_limit);
  return families;
}

}  // namespace

TableCollector::TableCollector(KernelAccess access, std::shared_ptr<EntriesPeak> peak)
    : access_(std::move(access)), peak_(std::move(peak)) {}

Result<Collection> TableCollector::Collect(const ScrapeContext& /*context*/) {
  const auto entries = ReadWithFallback(access_, "nf_conntrack_count", &kernel::TableStat::entries);
  if (!entries) return Fail(entries.error());
  const auto limits = limits_.Get([this] { return ReadLimits(); });

  TableReading reading{*entries, peak_->Get(*entries)};
  auto& omissions = reading.omissions;
  reading.limit = ValueOrOmit(limits.entries, kEntriesLimitPart, omissions);
  if (reading.limit.value_or(0) > 0) {
    reading.full_seconds = peak_->FullSeconds(*entries, *reading.limit);
  }
  reading.buckets = ValueOrOmit(limits.buckets, kHashBucketsPart, omissions);
  reading.expectations = ValueOrOmit(ReadExpectations(), kExpectationsPart, omissions);
  reading.expectations_limit =
      ValueOrOmit(limits.expectations, "conntrack_expectations_limit", omissions);
  return Collection{
      FamiliesOf(reading), omissions, "sysctl", {}, std::make_shared<const TableReading>(reading)};
}

TableCollector::Limits TableCollector::ReadLimits() const {
  return {ReadWithFallback(access_, "nf_conntrack_max", &kernel::TableStat::limit),
          kernel::ReadSysctl(access_.proc, "nf_conntrack_buckets"),
          kernel::ReadSysctl(access_.proc, "nf_conntrack_expect_max")};
}

Result<std::int64_t> TableCollector::ReadExpectations() const {
  const auto expectations = kernel::ReadExpectations(access_.netlink);
  if (expectations) return *expectations;
  const auto stat = ReadProcStat(access_);
  if (stat && stat->expectations) return *stat->expectations;
  return Fail(expectations.error());
}

CatalogueEntry TableEntry() {
  return {
      .name = "table",
      .on_by_default = true,
      .summary = "entries, their peak and limit, hash buckets, expectations",
      .needs = "nothing",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<TableCollector>(inputs.access, inputs.entries_peak());
          },
      .capabilities = {{Capability::kNetAdmin,
                        "expectations and counts over ctnetlink, where /proc lacks them"}},
  };
}

}  // namespace conntrack
