// The web configuration and the files it refers to, reloaded when they change.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "collectors/metric.h"
#include "exporter/web/config/tls_context.h"
#include "exporter/web/config/web_config.h"
#include "kernel/result.h"

namespace conntrack::exporter::web {

/// A complete configuration: its files are loaded and consistent.
struct LoadedWebConfig {
  WebConfig config;
  std::shared_ptr<const TlsContext> tls;  ///< Absent: plain HTTP.
};

/// Detects changes of a file: errno of stat(2), device, inode, size, mtime and ctime.
using FileVersion = std::array<std::int64_t, 6>;

/// Returns the version of the file behind a path. Follows symbolic links: Kubernetes updates a
/// mounted secret by changing one. ctime changes even if a tool preserves the mtime of a copy.
[[nodiscard]] FileVersion VersionOf(const std::string& path);

/// Files and their versions just before they were read.
using FileVersions = std::vector<std::pair<std::string, FileVersion>>;

/// \brief  Reads the file and the certificates that it names, relative to its folder. Adds all
/// files that the outcome, good or bad, depends on to `versions`.
/// Errors:  the message has file, line and column, and the key if the error is in a certificate
///          file. It quotes no content. kAbsent, kDenied or kIo if a file cannot be read, otherwise
///          kMalformed.
[[nodiscard]] Result<LoadedWebConfig> LoadWebConfig(const std::string& path,
                                                    FileVersions& versions);

/// \brief  The last valid configuration.
///
/// Current() checks for changed files at most once per second, and reads them only if they changed.
/// An invalid configuration is reported once in the log, and in Metrics(); the last valid one stays
/// in effect. Turning TLS on or off requires a restart: such a change counts as invalid.
/// Errors:  Open(): as LoadWebConfig().
/// Threads and cost: any number of threads; a lock, and once per second up to four stat(2). A
/// reload blocks other threads for some milliseconds.
class ReloadingWebConfig {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  [[nodiscard]] static Result<std::unique_ptr<ReloadingWebConfig>> Open(
      std::string path, Clock clock = std::chrono::steady_clock::now);

  /// Never null.
  [[nodiscard]] std::shared_ptr<const LoadedWebConfig> Current();

  /// Returns whether the last reload succeeded, and the time of the last successful one.
  [[nodiscard]] std::vector<Family> Metrics() const;

 private:
  ReloadingWebConfig(std::string path, Clock clock);
  void Reload();

  const std::string path_;
  const Clock clock_;
  mutable std::mutex mutex_;  ///< Guards the members below.
  std::shared_ptr<const LoadedWebConfig> current_;
  FileVersions versions_;  ///< Of all files that the last reload, good or bad, read.
  std::chrono::steady_clock::time_point next_look_;
  bool last_reload_good_ = true;
  double last_good_reload_ = 0;  ///< Seconds since 1970.
};

}  // namespace conntrack::exporter::web
