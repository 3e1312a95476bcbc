#include "collectors/expectations_by_helper.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "collectors/catalogue_entry.h"
#include "kernel/netlink/expectation.h"
#include "kernel/proc/conntrack_sysctl.h"

namespace conntrack {
namespace {

constexpr std::size_t kMostHelpers = 32;

/// How many there are by name. Helpers are modules and ports that root names, so that this stays
/// small however many expectations there are.
using HelperCounts = std::map<std::string, std::uint64_t, std::less<>>;

Family ByHelper(const HelperCounts& counts) {
  std::vector<std::pair<std::string, std::uint64_t>> most(counts.begin(), counts.end());
  std::stable_sort(most.begin(), most.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  Family family{"conntrack_expectations_by_helper",
                "Connections that helpers expect in this network namespace, by helper, for those "
                "with the most; the rest is other (ctnetlink dump of expectations).",
                MetricType::kGauge,
                {}};
  std::uint64_t other = 0;
  for (const auto& [name, expectations] : most) {
    if (name == kOther || family.samples.size() == kMostHelpers) {
      other += expectations;
    } else {
      family.samples.push_back({{{"helper", name}}, static_cast<double>(expectations)});
    }
  }
  family.samples.push_back({{{"helper", kOther}}, static_cast<double>(other)});
  return family;
}

}  // namespace

Result<Collection> ExpectationsByHelperCollector::Collect(const ScrapeContext& /*context*/) {
  // Before anything is asked over netlink, which would make the kernel load its modules.
  const auto entries = kernel::ReadSysctl(access_.proc, "nf_conntrack_count");
  if (!entries) return Fail(entries.error());
  HelperCounts counts;
  const auto walked = kernel::WalkExpectations(
      access_.netlink, [&counts] { counts.clear(); },
      [&counts](const std::string& helper) { ++counts[helper.empty() ? "none" : helper]; });
  if (!walked) return Fail(walked.error());
  Collection collection;
  collection.source = "ctnetlink";
  collection.families.push_back(ByHelper(counts));
  return collection;
}

CatalogueEntry ExpectationsByHelperEntry() {
  return {
      .name = "expectations_by_helper",
      .summary = "connections that helpers (FTP, SIP, ...) expect, by helper",
      .needs = "CAP_NET_ADMIN",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<ExpectationsByHelperCollector>(inputs.access);
          },
      .capabilities = {{Capability::kNetAdmin, "dumps of expectations", true}},
  };
}

}  // namespace conntrack
