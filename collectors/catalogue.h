// Every collector there is.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "collectors/catalogue_entry.h"
#include "collectors/entries_peak.h"

namespace conntrack {

/// The collectors, in the order of the documentation.
[[nodiscard]] std::span<const CatalogueEntry> Catalogue();

/// A collector that would be on by default, but for what this process may not read.
struct LeftOut {
  std::string name;
  Error reason;
  bool expected = false;  ///< It is no news: most hosts have nothing that it reads.
};

/// Takes out of `names` the collectors that are on by default only where they can read, and cannot.
/// Those in `asked_for` stay: they are to fail as any other does.
[[nodiscard]] std::vector<LeftOut> LeaveOutUnreadable(std::vector<std::string>& names,
                                                      const std::vector<std::string>& asked_for,
                                                      const KernelAccess& access);

/// The entries with these names, in the order of the catalogue; unknown names are passed over.
[[nodiscard]] std::vector<const CatalogueEntry*> EntriesOf(const std::vector<std::string>& names);

/// The collectors with these names, in the order of the catalogue; unknown names are passed over.
/// `watch` sees the count of entries four times a second where a collector needs the peak.
[[nodiscard]] std::vector<NamedCollector> MakeCollectors(const std::vector<std::string>& names,
                                                         const KernelAccess& access,
                                                         const CollectorOptions& options,
                                                         const EntriesPeak::Watch& watch = {});

}  // namespace conntrack
