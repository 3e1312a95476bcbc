// conntrack_table_present and conntrack_ctnetlink_present.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "collectors/metric.h"
#include "kernel/proc/presence.h"

namespace conntrack::exporter {

/// \brief  Makes these families, and logs when a module is missing, loaded or unloaded: one line
/// for the whole process, since collectors with nothing to read do not log that.
/// Threads and cost: any number at once; as Presence.
class PresenceWatch {
 public:
  /// Logs which modules are missing.
  explicit PresenceWatch(std::shared_ptr<const kernel::Presence> presence);

  [[nodiscard]] std::vector<Family> Read();

 private:
  const std::shared_ptr<const kernel::Presence> presence_;
  std::mutex mutex_;  // guards what has been logged
  std::string table_;
  std::string ctnetlink_;
};

}  // namespace conntrack::exporter
