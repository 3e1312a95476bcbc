#include "collectors/stat_collector.h"

#include <string>

#include "collectors/catalogue_entry.h"
#include "collectors/stat_families.h"
#include "collectors/stat_reader.h"

namespace conntrack {

Result<Collection> StatCollector::Collect(const ScrapeContext& /*context*/) {
  const auto topology = topology_.Get([this] { return kernel::ReadCpuTopology(access_.sys); });
  const auto sourced = ReadStat(access_, topology);
  if (!sourced) return Fail(sourced.error());
  Collection collection;
  collection.source = sourced->source;
  collection.families = StatFamilies(sourced->stat);
  collection.families.push_back(
      {"conntrack_stat_source_info",
       "Where the conntrack_stat_ counters were read: ctnetlink or procfs; always 1.",
       MetricType::kGauge,
       {{{{"source", std::string(sourced->source)}}, 1}}});
  collection.families.push_back(Gauge("conntrack_stat_unknown_columns",
                                      "Columns or attributes of the kernel's statistics that this "
                                      "version of the exporter does not know.",
                                      static_cast<double>(sourced->stat.unknown.size())));
  return collection;
}

CatalogueEntry StatEntry() {
  return {
      .name = "stat",
      .on_by_default = true,
      .summary = "counters of losses, clashes and lookups, per CPU",
      .needs = "nothing (CAP_NET_ADMIN where the kernel has no /proc/net/stat/nf_conntrack)",
      .make =
          [](const CollectorInputs& inputs) {
            return std::make_unique<StatCollector>(inputs.access);
          },
      .capabilities = {{Capability::kNetAdmin,
                        "counters over ctnetlink, which has more of them than /proc"}},
  };
}

}  // namespace conntrack
