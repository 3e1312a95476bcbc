#include "collectors/expectations_by_helper.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "collectors/catalogue_entry.h"
#include "kernel/netlink/expectation.h"

namespace conntrack {
namespace {

constexpr std::size_t kMaxHelpers = 32;  // with their own series

Family ByHelper(kernel::HelperCounts counts) {
  // A helper may have the name "none": names of user-space helpers are arbitrary.
  if (const auto none = counts.extract("none")) counts[""] += none.mapped();
  std::vector<std::pair<std::string, std::uint64_t>> ranked(counts.begin(), counts.end());
  std::ranges::stable_sort(ranked, std::greater{}, &std::pair<std::string, std::uint64_t>::second);
  auto family =
      Gauges("conntrack_expectations_by_helper",
             "Connections that helpers expect in this network namespace, by helper, for the "
             "helpers with the most; the rest is other (ctnetlink dump of expectations).");
  std::uint64_t other = 0;
  for (const auto& [name, expectations] : ranked) {
    if (name == kOther || family.samples.size() == kMaxHelpers) {
      other += expectations;
    } else {
      family.Add({{"helper", name.empty() ? "none" : name}}, expectations);
    }
  }
  family.Add({{"helper", kOther}}, other);
  return family;
}

}  // namespace

Result<Collection> ExpectationsByHelperCollector::Collect(const ScrapeContext& /*context*/) {
  const auto counts = kernel::CountExpectationsByHelper(access_.netlink);
  if (!counts) return Fail(counts.error());
  Collection collection;
  collection.source = "ctnetlink";
  collection.families.push_back(ByHelper(*counts));
  return collection;
}

CatalogueEntry ExpectationsByHelperEntry() {
  return {
      .name = "expectations_by_helper",
      .summary = "expected connections of helpers (FTP, SIP, ...), by helper",
      .needs = "CAP_NET_ADMIN",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<ExpectationsByHelperCollector>(inputs.access);
          },
      .reads = Reads::kCtnetlink,
      .capabilities = {{Capability::kNetAdmin, "dumps of expectations", true}},
  };
}

}  // namespace conntrack
