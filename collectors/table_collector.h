// conntrack_entries and its limits.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "collectors/cached.h"
#include "collectors/collector.h"
#include "collectors/entries_peak.h"
#include "collectors/kernel_access.h"

namespace conntrack {

struct TableReading {
  std::int64_t entries = 0;
  std::int64_t peak = 0;  ///< The most entries of the last minute.
  std::optional<std::int64_t> limit = {};
  std::optional<double> full_seconds = {};  ///< Absent where there is no limit.
  std::optional<std::int64_t> buckets = {};
  std::optional<std::int64_t> expectations = {};
  std::optional<std::int64_t> expectations_limit = {};
  std::vector<Omission> omissions = {};
};

/// The parts that omissions name; those of expectations begin with it.
inline constexpr const char* kEntriesLimitPart = "conntrack_entries_limit";
inline constexpr const char* kHashBucketsPart = "conntrack_hash_buckets";
inline constexpr const char* kExpectationsPart = "conntrack_expectations";

/// \brief  How full the table is: entries, their peak, their limit; hash buckets; expectations and
/// their limit.
/// Source:  /proc/sys/net/netfilter/nf_conntrack_{count,max,buckets,expect_max}; entries and limit
///          over ctnetlink where the sysctls are hidden, as in user namespaces before 5.13.
///          Expectations from ctnetlink or /proc/net/stat/nf_conntrack.
/// Units:   entries, buckets; current. Entries are those of this network namespace; limit and
///          buckets are the host's.
/// Errors:  kAbsent where connection tracking is not loaded. Limits that this kernel does not show
///          are omitted.
/// Threads and cost: any thread; some 20 system calls.
class TableCollector final : public Collector {
 public:
  TableCollector(KernelAccess access, std::shared_ptr<EntriesPeak> peak);
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  /// What an operator sets, and the kernel rarely changes by itself.
  struct Limits {
    Result<std::int64_t> entries;
    Result<std::int64_t> buckets;
    Result<std::int64_t> expectations;
  };

  [[nodiscard]] Limits ReadLimits() const;
  [[nodiscard]] Result<std::int64_t> ReadExpectations() const;

  KernelAccess access_;
  std::shared_ptr<EntriesPeak> peak_;
  Cached<Limits> limits_;
};

[[nodiscard]] CatalogueEntry TableEntry();

}  // namespace conntrack
