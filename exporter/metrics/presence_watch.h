// conntrack_table_present and conntrack_ctnetlink_present.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "collectors/metric.h"
#include "kernel/proc/presence.h"

namespace conntrack::exporter {

/// \brief  Returns these families, and logs when a module is missing, loaded or unloaded. This
/// gives one line for the whole process, because collectors do not log that a module is missing.
/// Threads and cost: any number of threads; as Presence.
class PresenceWatch {
 public:
  /// Logs which modules are missing.
  explicit PresenceWatch(std::shared_ptr<const kernel::Presence> presence);

  [[nodiscard]] std::vector<Family> Read();

 private:
  const std::shared_ptr<const kernel::Presence> presence_;
  std::mutex mutex_;  // guards the logged state
  std::string table_;
  std::string ctnetlink_;
};

}  // namespace conntrack::exporter
