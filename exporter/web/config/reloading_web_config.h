// The web configuration with all that it refers to, read from files and read again as they change.
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

/// A configuration that is complete: its files are read and fit together.
struct LoadedWebConfig {
  WebConfig config;
  std::shared_ptr<const TlsContext> tls;  ///< Absent: plain HTTP.
};

/// What tells that a file has changed: errno of stat(2), device, inode, size, mtime and ctime.
using FileVersion = std::array<std::int64_t, 6>;

/// Of the file that a path leads to, through symbolic links: Kubernetes changes a mounted secret by
/// turning one. ctime moves also where a tool keeps the mtime of a copy.
[[nodiscard]] FileVersion VersionOf(const std::string& path);

/// Files and their versions just before they were read.
using FileVersions = std::vector<std::pair<std::string, FileVersion>>;

/// \brief  Reads the file and the certificates that it names, relative to its folder. `versions`
/// gets every file that the outcome, good or bad, depends on.
/// Errors:  the message names the file, line and column, and the key if it is about a certificate's
/// file; it quotes nothing. kAbsent, kDenied or kIo for what cannot be read, kMalformed for the
/// rest.
[[nodiscard]] Result<LoadedWebConfig> LoadWebConfig(const std::string& path,
                                                    FileVersions& versions);

/// \brief  The last configuration that was good.
///
/// Current() looks for changed files at most once a second, and reads them only then. A broken
/// configuration is reported once in the log and in Metrics(), and the last good one stays whole.
/// To switch TLS on or off takes a restart: such a change counts as broken.
/// Errors:  Open(): those of LoadWebConfig().
/// Threads and cost: any number at once; a lock, and once a second up to four stat(2). A reload
/// holds up the others for some milliseconds.
class ReloadingWebConfig {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  [[nodiscard]] static Result<std::unique_ptr<ReloadingWebConfig>> Open(
      std::string path, Clock clock = std::chrono::steady_clock::now);

  /// Never null.
  [[nodiscard]] std::shared_ptr<const LoadedWebConfig> Current();

  /// Whether the last reload went well, and when one last did.
  [[nodiscard]] std::vector<Family> Metrics() const;

 private:
  ReloadingWebConfig(std::string path, Clock clock);
  void Reload();

  const std::string path_;
  const Clock clock_;
  mutable std::mutex mutex_;  ///< Guards what follows.
  std::shared_ptr<const LoadedWebConfig> current_;
  FileVersions versions_;  ///< Of all that the last reload, good or bad, has read.
  std::chrono::steady_clock::time_point next_look_;
  bool last_reload_good_ = true;
  double last_good_reload_ = 0;  ///< Seconds since 1970.
};

}  // namespace conntrack::exporter::web
