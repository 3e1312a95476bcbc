#include "exporter/web/config/live_web_config.h"

#include <algorithm>
#include <utility>

#include "exporter/process/log.h"

namespace conntrack::exporter::web {
namespace {

constexpr std::chrono::seconds kBetweenLooksAtFiles{1};

double SecondsSince1970() {
  using Seconds = std::chrono::duration<double>;
  return Seconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

LiveWebConfig::LiveWebConfig(std::string path, Clock clock)
    : path_(std::move(path)), clock_(std::move(clock)) {}

Result<std::unique_ptr<LiveWebConfig>> LiveWebConfig::Open(std::string path, Clock clock) {
  std::unique_ptr<LiveWebConfig> live(new LiveWebConfig(std::move(path), std::move(clock)));
  auto loaded = LoadWebConfig(live->path_, live->stamps_);
  if (!loaded) return Fail(loaded.error());
  live->current_ = std::make_shared<const LoadedWebConfig>(std::move(*loaded));
  live->next_look_ = live->clock_() + kBetweenLooksAtFiles;
  live->last_good_reload_ = SecondsSince1970();
  return live;
}

bool LiveWebConfig::FilesChanged() const {
  return std::any_of(stamps_.begin(), stamps_.end(),
                     [](const auto& file) { return StampOf(file.first) != file.second; });
}

void LiveWebConfig::Reload() {
  FileStamps stamps;
  auto loaded = LoadWebConfig(path_, stamps);
  stamps_ = std::move(stamps);
  if (loaded && (loaded->tls != nullptr) != (current_->tls != nullptr)) {
    loaded =
        Fail(ErrorKind::kMalformed,
             path_ + ": TLS cannot be switched on or off while the exporter runs", "restart it");
  }
  last_reload_good_ = loaded.has_value();
  if (!loaded) {
    log::ErrorLine("the changed web configuration is not used; the last good one stays",
                   {{"err", loaded.error().message}, {"remedy", loaded.error().remedy}});
    return;
  }
  current_ = std::make_shared<const LoadedWebConfig>(std::move(*loaded));
  last_good_reload_ = SecondsSince1970();
  log::Info("the changed web configuration is used from now on", {{"file", path_}});
}

std::shared_ptr<const LoadedWebConfig> LiveWebConfig::Current() {
  const std::scoped_lock lock(mutex_);
  const auto now = clock_();
  if (now >= next_look_) {
    next_look_ = now + kBetweenLooksAtFiles;
    if (FilesChanged()) Reload();
  }
  return current_;
}

std::vector<Family> LiveWebConfig::Metrics() const {
  const std::scoped_lock lock(mutex_);
  return {Gauge("conntrack_exporter_web_config_reload_success",
                "Whether the web configuration, when it was last read, was good.",
                last_reload_good_ ? 1 : 0),
          Gauge("conntrack_exporter_web_config_last_reload_success_timestamp_seconds",
                "When a good web configuration was last read, in seconds since 1970.",
                last_good_reload_)};
}

}  // namespace conntrack::exporter::web
