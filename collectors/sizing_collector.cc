#include "collectors/sizing_collector.h"

#include <utility>

#include "collectors/catalogue_entry.h"
#include "kernel/proc/conntrack_sysctl.h"
#include "kernel/proc/kernel_release.h"
#include "kernel/proc/slabinfo.h"

namespace conntrack {
namespace {

void AddLimit(Family& limits, const char* basis, std::uint64_t limit) {
  limits.samples.push_back({{{"basis", basis}}, static_cast<double>(limit)});
}

Result<void> SetProfile(CollectorOptions& options, const std::string& name) {
  const auto profile = ParseProfile(name);
  if (!profile) return Fail(profile.error());
  options.Get<SizingOptions>().profile = *profile;
  return {};
}

}  // namespace

Result<Collection> SizingCollector::Collect(const ScrapeContext& /*context*/) {
  const auto entries = kernel::ReadSysctl(proc_, "nf_conntrack_count");
  if (!entries) return Fail(entries.error());
  const auto peak = static_cast<std::uint64_t>(peak_->Highest(*entries));
  const auto memory = kernel::ReadMemTotal(proc_);
  const auto buckets = Buckets();

  Collection collection;
  collection.source = "sysctl, meminfo";
  collection.families.push_back(Limits(LimitByPeak(peak), memory));
  if (!memory) {
    collection.omissions.push_back(
        {"conntrack_recommended_entries_limit{basis=\"memory\"}", memory.error()});
  }
  if (buckets) {
    collection.families.push_back(
        Gauge("conntrack_recommended_hash_buckets",
              "Buckets of the hash table that go with the limit in force: as many as entries since "
              "Linux 5.15, a quarter before (computed from nf_conntrack_max).",
              static_cast<double>(*buckets)));
  } else {
    collection.omissions.push_back({"conntrack_recommended_hash_buckets", buckets.error()});
  }
  return collection;
}

Family SizingCollector::Limits(std::uint64_t by_peak, const Result<std::uint64_t>& memory) const {
  Family limits{"conntrack_recommended_entries_limit",
                "Limit of entries that would suit this machine, by what it is based on: memory, "
                "the highest count since the exporter started (peak), or the profile given.",
                MetricType::kGauge,
                {}};
  const auto by_memory = memory ? LimitByMemory(*memory) : 0;
  if (memory) AddLimit(limits, "memory", by_memory);
  AddLimit(limits, "peak", by_peak);
  if (profile_) AddLimit(limits, "profile", LimitByProfile(*profile_, by_memory, by_peak));
  return limits;
}

Result<std::uint64_t> SizingCollector::Buckets() const {
  const auto limit = kernel::ReadSysctl(proc_, "nf_conntrack_max");
  if (!limit) return Fail(limit.error());
  if (*limit <= 0) {
    return Fail(ErrorKind::kAbsent, "nf_conntrack_max is 0: there is no limit to go by",
                "set nf_conntrack_max; conntrack_exporter advise says to what");
  }
  const auto release = kernel::ReadKernelRelease(proc_);
  if (!release) return Fail(release.error());
  return BucketsFor(static_cast<std::uint64_t>(*limit), *release, profile_);
}

CatalogueEntry SizingEntry() {
  return {
      .name = "sizing",
      .on_by_default = true,
      .summary = "recommended limits by memory, peak and profile; recommended hash buckets",
      .needs = "nothing",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<SizingCollector>(inputs.access.proc, inputs.entries_peak(),
                                                     inputs.options.Get<SizingOptions>().profile);
          },
      .max_age = std::chrono::seconds(1),
      .flags = {{"profile", "PROFILE",
                 "What this machine is, for a recommendation of that basis: light, medium, heavy, "
                 "kubernetes, nat-gateway",
                 TextValue{"", SetProfile}}},
  };
}

}  // namespace conntrack
