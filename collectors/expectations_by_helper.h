// conntrack_expectations_by_helper: helpers that fill the table of expectations.
#pragma once

#include <utility>

#include "collectors/collector.h"
#include "collectors/kernel_access.h"

namespace conntrack {

/// \brief  Expectations by the helper that made them.
/// Source:  a dump of IPCTNL_MSG_EXP_GET. The sum may differ from conntrack_expectations, which
///          comes from counters.
/// Units:   expectations, current; the 32 helpers with the most, the others summed up as other.
/// Errors:  kDenied without CAP_NET_ADMIN; other errors of the dump.
/// Threads and cost: any thread; a dump of at most nf_conntrack_expect_max messages.
class ExpectationsByHelperCollector final : public Collector {
 public:
  explicit ExpectationsByHelperCollector(KernelAccess access) : access_(std::move(access)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  const KernelAccess access_;
};

[[nodiscard]] CatalogueEntry ExpectationsByHelperEntry();

}  // namespace conntrack
