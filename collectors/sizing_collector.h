// conntrack_recommended_*: recommended size of the table.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "collectors/collector.h"
#include "collectors/entries_peak.h"
#include "collectors/sizing.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack {

/// Recommended limits by what they are based on, and buckets for the current limit.
struct SizingReading {
  std::optional<std::uint64_t> by_memory = {};
  std::uint64_t by_peak = 0;
  std::optional<std::uint64_t> by_profile = {};  ///< If a profile is set.
  std::optional<std::uint64_t> buckets = {};
  std::vector<Omission> omissions = {};
};

struct SizingOptions {
  std::optional<SizingProfile> profile;
};

/// \brief  Recommended limits by what they are based on, and buckets for the current limit.
/// Source:  /proc/meminfo, nf_conntrack_{count,max}, EntriesPeak, ReadRefusesLongChains().
/// Units:   entries, buckets.
/// Errors:  kAbsent if connection tracking is not loaded. A recommendation is omitted if an input
///          is missing.
/// Threads and cost: any thread; some 15 system calls.
class SizingCollector final : public Collector {
 public:
  SizingCollector(kernel::KernelFiles proc, std::shared_ptr<EntriesPeak> peak,
                  std::optional<SizingProfile> profile)
      : proc_(std::move(proc)), peak_(std::move(peak)), profile_(profile) {}

  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  [[nodiscard]] Result<std::uint64_t> Buckets() const;

  const kernel::KernelFiles proc_;
  const std::shared_ptr<EntriesPeak> peak_;
  const std::optional<SizingProfile> profile_;
};

[[nodiscard]] CatalogueEntry SizingEntry();

}  // namespace conntrack
