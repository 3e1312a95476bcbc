#include "exporter/web/config/reloading_web_config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>

#include "exporter/process/log.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {
namespace {

std::int64_t Nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

// A larger file is a mistake, such as a disk image or /dev/zero.
constexpr std::size_t kLargest = 4'000'000;

// `name` is used in errors.
Result<std::string> ReadWhole(const std::string& path, const std::string& name,
                              FileVersions& versions) {
  versions.emplace_back(path, VersionOf(path));
  // O_NONBLOCK: a FIFO must not block.
  const kernel::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return Fail(ErrorFromErrno(errno, name));
  std::string content;
  std::array<char, 16384> buffer;
  for (;;) {
    const auto got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(ErrorFromErrno(errno, name));
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > kLargest) return Fail(ErrorKind::kMalformed, name + ": file too large");
  }
}

tl::unexpected<Error> FailAt(const std::string& path, Error error) {
  error.message.insert(0, path + ":");
  return Fail(std::move(error));
}

// Returns the PEM text of one key of the configuration. Errors do not name its file: if PEM text is
// given as key_file by mistake, the name is the private key.
Result<std::string> ReadPem(const std::string& config_path, const PemSource& source,
                            FileVersions& versions) {
  if (source.file.empty()) return source.text;
  const std::filesystem::path file(source.file);
  const auto folder = std::filesystem::absolute(config_path).parent_path();
  const auto name =
      file.is_absolute() ? source.key : source.key + ", which is relative to " + folder.string();
  auto content = ReadWhole((folder / file).string(), name, versions);
  if (content) return content;
  Error error = content.error();
  error.message = At(source.position, error.message);
  return FailAt(config_path, std::move(error));
}

Result<std::shared_ptr<const TlsContext>> LoadTls(const std::string& path, const TlsConfig& config,
                                                  FileVersions& versions) {
  TlsPem pem;
  const std::array<std::pair<const PemSource*, std::string*>, 3> parts{
      {{&config.certificate, &pem.certificate},
       {&config.key, &pem.key},
       {&config.client_ca, &pem.client_ca}}};
  for (const auto& [source, text] : parts) {
    auto content = ReadPem(path, *source, versions);
    if (!content) return Fail(content.error());
    *text = std::move(*content);
  }
  auto context = TlsContext::Make(config, pem);
  if (!context) return FailAt(path, context.error());
  return context;
}

constexpr std::chrono::seconds kBetweenLooksAtFiles{1};

double SecondsSince1970() {
  using Seconds = std::chrono::duration<double>;
  return Seconds(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

FileVersion VersionOf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {errno};
  return {0,
          static_cast<std::int64_t>(status.st_dev),
          static_cast<std::int64_t>(status.st_ino),
          static_cast<std::int64_t>(status.st_size),
          Nanoseconds(status.st_mtim),
          Nanoseconds(status.st_ctim)};
}

Result<LoadedWebConfig> LoadWebConfig(const std::string& path, FileVersions& versions) {
  const auto text = ReadWhole(path, path, versions);
  if (!text) return Fail(text.error());
  auto config = ParseWebConfig(*text);
  if (!config) return FailAt(path, config.error());
  LoadedWebConfig loaded{std::move(*config), nullptr};
  if (loaded.config.tls) {
    auto tls = LoadTls(path, *loaded.config.tls, versions);
    if (!tls) return Fail(tls.error());
    loaded.tls = std::move(*tls);
  }
  return loaded;
}

ReloadingWebConfig::ReloadingWebConfig(std::string path, Clock clock)
    : path_(std::move(path)), clock_(std::move(clock)) {}

Result<std::unique_ptr<ReloadingWebConfig>> ReloadingWebConfig::Open(std::string path,
                                                                     Clock clock) {
  std::unique_ptr<ReloadingWebConfig> live(
      new ReloadingWebConfig(std::move(path), std::move(clock)));
  auto loaded = LoadWebConfig(live->path_, live->versions_);
  if (!loaded) return Fail(loaded.error());
  live->current_ = std::make_shared<const LoadedWebConfig>(std::move(*loaded));
  live->next_look_ = live->clock_() + kBetweenLooksAtFiles;
  live->last_good_reload_ = SecondsSince1970();
  return live;
}

void ReloadingWebConfig::Reload() {
  FileVersions versions;
  auto loaded = LoadWebConfig(path_, versions);
  versions_ = std::move(versions);
  if (loaded && (loaded->tls != nullptr) != (current_->tls != nullptr)) {
    loaded =
        Fail(ErrorKind::kMalformed,
             path_ + ": TLS cannot be switched on or off while the exporter runs", "restart it");
  }
  last_reload_good_ = loaded.has_value();
  if (!loaded) {
    log::ErrorLine("the changed web configuration is invalid; the last valid one stays in use",
                   {{"err", loaded.error().message}, {"remedy", loaded.error().remedy}});
    return;
  }
  current_ = std::make_shared<const LoadedWebConfig>(std::move(*loaded));
  last_good_reload_ = SecondsSince1970();
  log::Info("the web configuration was reloaded", {{"file", path_}});
}

std::shared_ptr<const LoadedWebConfig> ReloadingWebConfig::Current() {
  const std::scoped_lock lock(mutex_);
  const auto now = clock_();
  if (now < next_look_) return current_;
  next_look_ = now + kBetweenLooksAtFiles;
  const bool changed = std::any_of(versions_.begin(), versions_.end(), [](const auto& file) {
    return VersionOf(file.first) != file.second;
  });
  if (changed) Reload();
  return current_;
}

std::vector<Family> ReloadingWebConfig::Metrics() const {
  const std::scoped_lock lock(mutex_);
  return {
      Gauge("conntrack_exporter_web_config_reload_success",
            "1 if the last reload of the web configuration succeeded, otherwise 0.",
            last_reload_good_ ? 1 : 0),
      Gauge("conntrack_exporter_web_config_last_reload_success_timestamp_seconds",
            "Time of the last successful reload of the web configuration, in seconds since 1970.",
            last_good_reload_)};
}

}  // namespace conntrack::exporter::web
