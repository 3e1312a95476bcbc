#include "collectors/sizing_collector.h"

#include <utility>

#include "collectors/catalogue_entry.h"
#include "kernel/proc/conntrack_stat.h"
#include "kernel/proc/machine.h"
#include "kernel/proc/sysctl.h"

namespace conntrack {
namespace {

void AddLimit(Family& limits, const char* basis, std::optional<std::uint64_t> limit) {
  if (limit) limits.Add({{"basis", basis}}, *limit);
}

Result<void> SetProfile(CollectorOptions& options, const std::string& name) {
  options.Get<SizingOptions>().profile = ProfileNamed(name);
  return {};
}

std::vector<Family> FamiliesOf(const SizingReading& reading) {
  auto limits = Gauges("conntrack_recommended_entries_limit",
                       "Recommended limit of entries by basis: the memory of the host, the highest "
                       "count since the exporter started (peak), or the profile that was set.");
  AddLimit(limits, "memory", reading.by_memory);
  AddLimit(limits, "peak", reading.by_peak);
  AddLimit(limits, "profile", reading.by_profile);
  std::vector<Family> families{std::move(limits)};
  if (reading.buckets) {
    families.push_back(Gauge(
        "conntrack_recommended_hash_buckets",
        "Recommended buckets for the current limit (nf_conntrack_max): as many as entries if the "
        "kernel refuses long chains (Linux 5.15 and later, and backports), otherwise a quarter.",
        *reading.buckets));
  }
  return families;
}

}  // namespace

Result<Collection> SizingCollector::Collect(const ScrapeContext& /*context*/) {
  const auto entries = kernel::ReadSysctl(proc_, "nf_conntrack_count");
  if (!entries) return Fail(entries.error());
  SizingReading reading;
  const auto memory =
      ValueOrOmit(kernel::ReadMemTotal(proc_),
                  "conntrack_recommended_entries_limit{basis=\"memory\"}", reading.omissions);
  if (memory) reading.by_memory = LimitByMemory(*memory);
  reading.by_peak = LimitByPeak(static_cast<std::uint64_t>(peak_->Highest(*entries)));
  if (profile_) {
    reading.by_profile = LimitByProfile(*profile_, reading.by_memory.value_or(0), reading.by_peak);
  }
  reading.buckets = ValueOrOmit(Buckets(), "conntrack_recommended_hash_buckets", reading.omissions);
  return Collection{FamiliesOf(reading),
                    reading.omissions,
                    "sysctl, meminfo",
                    {},
                    std::make_shared<const SizingReading>(reading)};
}

Result<std::uint64_t> SizingCollector::Buckets() const {
  const auto limit = kernel::ReadSysctl(proc_, "nf_conntrack_max");
  if (!limit) return Fail(limit.error());
  if (*limit <= 0) {
    return Fail(ErrorKind::kAbsent, "nf_conntrack_max is 0: there is no limit to go by",
                "set nf_conntrack_max; conntrack_exporter advise says to what");
  }
  const auto refuses = kernel::ReadRefusesLongChains(proc_);
  if (!refuses) return Fail(refuses.error());
  return BucketsFor(static_cast<std::uint64_t>(*limit), *refuses, profile_);
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
      .flags = {{"profile", "PROFILE", "Kind of host; adds a recommendation with basis=\"profile\"",
                 TextValue{"", SetProfile, ProfileNames()}}},
  };
}

}  // namespace conntrack
