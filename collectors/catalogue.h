// Every collector there is.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "collectors/collector.h"
#include "collectors/kernel_access.h"

namespace conntrack {

/// What the command line sets for collectors.
struct CollectorOptions {
  double flows_cpu_share = 0.10;
  std::size_t flows_max_zones = 64;
  std::chrono::nanoseconds flows_max_hold = std::chrono::milliseconds(100);
};

struct CatalogueEntry {
  std::string_view name;  ///< Of the flag --collector.NAME and of the label collector.
  bool on_by_default;
  std::string_view summary;  ///< For --help: what it yields.
  std::string_view
      needs;  ///< For `check`: the capability or right it needs, "nothing" where it needs none.
  std::function<std::unique_ptr<Collector>(const KernelAccess&, const CollectorOptions&)> make;
};

/// The collectors, in the order of the documentation. A new one is one entry here.
[[nodiscard]] std::span<const CatalogueEntry> Catalogue();

}  // namespace conntrack
