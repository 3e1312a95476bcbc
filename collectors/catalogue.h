// The list of all collectors.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "collectors/catalogue_entry.h"
#include "collectors/entries_peak.h"

namespace conntrack {

/// Returns the collectors, in the order of the documentation.
[[nodiscard]] std::span<const CatalogueEntry> Catalogue();

/// A collector that is not on by default here, because this process cannot read its source.
struct LeftOut {
  std::string name;
  Error reason;
  bool expected = false;  ///< Not worth a warning: most hosts do not have its source.
};

/// Removes from `names` the collectors that are on by default only if their source can be read, and
/// whose source cannot be read. Collectors in `asked_for` stay, and fail like any other.
[[nodiscard]] std::vector<LeftOut> LeaveOutUnreadable(std::vector<std::string>& names,
                                                      const std::vector<std::string>& asked_for,
                                                      const KernelAccess& access);

/// Returns the entries with these names, in the order of the catalogue. Unknown names are ignored.
[[nodiscard]] std::vector<const CatalogueEntry*> EntriesOf(const std::vector<std::string>& names);

/// Makes the collectors with these names, in the order of the catalogue. Unknown names are ignored.
/// If a collector needs the peak, `watch` is called with the count of entries four times a second.
[[nodiscard]] std::vector<NamedCollector> MakeCollectors(const std::vector<std::string>& names,
                                                         const KernelAccess& access,
                                                         const CollectorOptions& options,
                                                         const EntriesPeak::Watch& watch = {});

}  // namespace conntrack
