#include "exporter/web/config/web_config_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <utility>

#include "kernel/unique_fd.h"

namespace conntrack::exporter::web {
namespace {

// Larger is a mistake: somebody's disk image, or /dev/zero.
constexpr std::size_t kLargest = 4'000'000;

Result<std::string> ReadWhole(const std::string& path, FileStamps& stamps) {
  stamps.emplace_back(path, StampOf(path));
  // O_NONBLOCK: a FIFO must not hold us up.
  const kernel::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return Fail(ErrorFromErrno(errno, path));
  std::string content;
  std::array<char, 16384> buffer;
  for (;;) {
    const auto got = ::read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(ErrorFromErrno(errno, path));
    if (got == 0) return content;
    content.append(buffer.data(), static_cast<std::size_t>(got));
    if (content.size() > kLargest) return Fail(ErrorKind::kMalformed, path + ": file too large");
  }
}

tl::unexpected<Error> FailAt(const std::string& path, Error error) {
  error.message.insert(0, path + ":");
  return Fail(std::move(error));
}

// The PEM text of one key of the configuration.
Result<std::string> ReadPem(const std::string& config_path, const PemSource& source,
                            FileStamps& stamps) {
  if (source.file.empty()) return source.text;
  const auto folder = std::filesystem::path(config_path).parent_path();
  auto content = ReadWhole((folder / source.file).string(), stamps);
  if (content) return content;
  Error error = content.error();
  error.message = At(source.position, error.message);
  return FailAt(config_path, std::move(error));
}

Result<std::shared_ptr<const TlsContext>> LoadTls(const std::string& path, const TlsConfig& config,
                                                  FileStamps& stamps) {
  TlsPem pem;
  const std::array<std::pair<const PemSource*, std::string*>, 3> parts{
      {{&config.certificate, &pem.certificate},
       {&config.key, &pem.key},
       {&config.client_ca, &pem.client_ca}}};
  for (const auto& [source, text] : parts) {
    auto content = ReadPem(path, *source, stamps);
    if (!content) return Fail(content.error());
    *text = std::move(*content);
  }
  auto context = TlsContext::Make(config, pem);
  if (!context) return FailAt(path, context.error());
  return context;
}

}  // namespace

Result<LoadedWebConfig> LoadWebConfig(const std::string& path, FileStamps& stamps) {
  const auto text = ReadWhole(path, stamps);
  if (!text) return Fail(text.error());
  auto config = ParseWebConfig(*text);
  if (!config) return FailAt(path, config.error());
  LoadedWebConfig loaded{std::move(*config), nullptr};
  if (loaded.config.tls) {
    auto tls = LoadTls(path, *loaded.config.tls, stamps);
    if (!tls) return Fail(tls.error());
    loaded.tls = std::move(*tls);
  }
  return loaded;
}

}  // namespace conntrack::exporter::web
