// conntrack_expectations_by_helper: whose announcements fill the table of expectations.
#pragma once

#include <utility>

#include "collectors/collector.h"
#include "collectors/kernel_access.h"

namespace conntrack {

/// \brief  Expectations by the helper that announced them.
///
/// Source:  a dump of IPCTNL_MSG_EXP_GET, see kernel/netlink/expectation.h. Its sum is that of one
///          walk, and may differ from conntrack_expectations, which comes from counters.
/// Units:   expectations, current. The 32 helpers with the most have a series of their own, the
///          rest is other.
/// Errors:  kAbsent where connection tracking is not loaded; kDenied without CAP_NET_ADMIN; others
///          of the dump.
/// Threads and cost: any thread; a dump of at most nf_conntrack_expect_max messages of some 200
///          bytes, some 100 a system call, kept nowhere.
class ExpectationsByHelperCollector final : public Collector {
 public:
  explicit ExpectationsByHelperCollector(KernelAccess access) : access_(std::move(access)) {}
  [[nodiscard]] Result<Collection> Collect(const ScrapeContext& context) override;

 private:
  const KernelAccess access_;
};

[[nodiscard]] CatalogueEntry ExpectationsByHelperEntry();

}  // namespace conntrack
