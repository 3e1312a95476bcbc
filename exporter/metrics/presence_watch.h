// conntrack_table_present and conntrack_ctnetlink_present.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "collectors/metric.h"
#include "kernel/proc/presence.h"

namespace conntrack::exporter {

/// The families of every scrape that say what there is to read.
[[nodiscard]] std::vector<Family> PresenceFamilies(const kernel::Presence& presence);

/// \brief  Makes these families, and logs what is not there, and when it comes and goes: one line
/// for the whole process, since collectors that have nothing to read do not log that.
/// Threads and cost: any number at once; as Presence.
class PresenceWatch {
 public:
  /// Logs what is not there.
  explicit PresenceWatch(std::shared_ptr<const kernel::Presence> presence);

  [[nodiscard]] std::vector<Family> Read();

 private:
  const std::shared_ptr<const kernel::Presence> presence_;
  std::mutex mutex_;  // guards what has been logged
  bool table_ = true;
  bool ctnetlink_ = true;
};

}  // namespace conntrack::exporter
