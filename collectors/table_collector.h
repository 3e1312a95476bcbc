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
  std::int64_t peak = 0;  ///< Maximum of the last minute.
  std::optional<std::int64_t> limit = {};
  std::optional<double> full_seconds = {};  ///< Absent if there is no limit.
  std::optional<std::int64_t> buckets = {};
  std::optional<std::int64_t> expectations = {};
  std::optional<std::int64_t> expectations_limit = {};
  std::vector<Omission> omissions = {};
};

/// Names of parts in omissions. Names of parts of expectations begin with the last one.
inline constexpr const char* kEntriesLimitPart = "conntrack_entries_limit";
inline constexpr const char* kHashBucketsPart = "conntrack_hash_buckets";
inline constexpr const char* kExpectationsPart = "conntrack_expectations";

/// \brief  Fill level of the table: entries, their peak, their limit; hash buckets; expectations
///         and their limit.
/// Source:  /proc/sys/net/netfilter/nf_conntrack_{count,max,buckets,expect_max}; entries and limit
///          over ctnetlink if the sysctls are hidden, as in user namespaces before 5.13.
///          Expectations from ctnetlink or /proc/net/stat/nf_conntrack.
/// Units:   entries, buckets; current. Entries belong to this network namespace; limit and buckets
///          to the host.
/// Errors:  kAbsent if connection tracking is not loaded. Limits that this kernel does not show are
///          omitted.
/// Threads and cost: any thread; some 20 system calls.
class TableCollector final : public Collector {
 public:
  TableCollector(KernelAccess access, std::shared_ptr<EntriesPeak> peak);
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  /// Values that an operator sets, and that the kernel rarely changes by itself.
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
