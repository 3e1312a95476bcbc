#include "collectors/table_collector.h"

#include <utility>

#include "collectors/catalogue_entry.h"
#include "collectors/stat_collector.h"
#include "kernel/netlink/ctnetlink_stat.h"
#include "kernel/proc/sysctl.h"

namespace conntrack {
namespace {

/// The sysctl, or the number that ctnetlink has for the same thing where it cannot be read; the
/// sysctl's error where neither is to be had.
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
           "Entries at which new connections are refused; one value for the host, compared with "
           "the count of each network namespace by itself (nf_conntrack_max). 0 means no limit "
           "before Linux 6.19.",
           reading.limit);
  AddGauge(families, "conntrack_entries_peak",
           "Highest number of entries seen in the last minute, read four times a second: bursts "
           "between scrapes.",
           reading.peak);
  if (reading.full_seconds) {
    families.push_back(Counter("conntrack_entries_full_seconds_total",
                               "Seconds for which the table was at 95 % of its limit or above, "
                               "read four times a second, since the exporter started.",
                               *reading.full_seconds));
  }
  AddGauge(families, "conntrack_hash_buckets",
           "Buckets of the hash table, which holds each entry twice (nf_conntrack_buckets).",
           reading.buckets);
  AddGauge(families, "conntrack_expectations",
           "Connections that helpers (FTP, SIP, ...) expect in this network namespace.",
           reading.expectations);
  AddGauge(families, "conntrack_expectations_limit",
           "Expectations at which helpers can announce no more (nf_conntrack_expect_max).",
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
