// The web configuration of a server that runs: followed as its files change.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "collectors/metric.h"
#include "exporter/web/config/web_config_files.h"

namespace conntrack::exporter::web {

/// \brief  The last configuration that was good.
///
/// Current() looks at the files at most once a second: time, size and inode of the configuration
/// and of every certificate that it names. Only when one has changed are they read. What is broken
/// then is said once in the log and in Metrics(), and the last good configuration stays whole.
/// TLS is switched on or off by a restart only: a change of that is broken in this sense.
/// Errors:  Open(): those of LoadWebConfig().
/// Threads and cost: any number at once; a lock, and once a second up to four stat(2). A reload
/// holds up the others for the milliseconds that it takes.
class LiveWebConfig {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  [[nodiscard]] static Result<std::unique_ptr<LiveWebConfig>> Open(
      std::string path, Clock clock = std::chrono::steady_clock::now);

  /// Never null.
  [[nodiscard]] std::shared_ptr<const LoadedWebConfig> Current();

  /// Whether the last reload went well, and when one last did.
  [[nodiscard]] std::vector<Family> Metrics() const;

 private:
  LiveWebConfig(std::string path, Clock clock);
  void Reload();
  [[nodiscard]] bool FilesChanged() const;

  const std::string path_;
  const Clock clock_;
  mutable std::mutex mutex_;  ///< Guards what follows.
  std::shared_ptr<const LoadedWebConfig> current_;
  FileStamps stamps_;  ///< Of all that the last reload, good or bad, has read.
  std::chrono::steady_clock::time_point next_look_;
  bool last_reload_good_ = true;
  double last_good_reload_ = 0;  ///< Seconds since 1970.
};

}  // namespace conntrack::exporter::web
