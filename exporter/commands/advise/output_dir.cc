#include "exporter/commands/advise/advise.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "exporter/process/atomic_file.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter::advise {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 13> kSystemFolders = {"etc",   "usr", "run",    "lib",  "lib32",
                                                        "lib64", "bin", "sbin",   "boot", "dev",
                                                        "proc",  "sys", "var/run"};
constexpr mode_t kReadableByAll = 0644;

bool IsWithin(const fs::path& path, const fs::path& folder) {
  const auto differ = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return differ.first == folder.end();
}

fs::path Canonical(const fs::path& path) {
  std::error_code error;
  auto canonical = fs::weakly_canonical(path, error);
  return error ? path.lexically_normal() : canonical;
}

/// Returns the path without links, dots and double or trailing slashes, as far as it exists.
fs::path Real(const fs::path& path) {
  // Twice, because "missing/../link" becomes "link" only after the first pass.
  const auto real = Canonical(Canonical(fs::absolute(path)));
  return real.has_filename() ? real : real.parent_path();
}

Error IoError(const fs::path& path, const std::string& what) {
  return ErrorFromErrno(errno, what + " " + path.string());
}

/// Renames the finished file; replaces an existing one only if `replace`.
bool Rename(const std::string& from, const std::string& to, bool replace) {
  if (replace) return ::rename(from.c_str(), to.c_str()) == 0;
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  // Some file systems (NFS, FAT) do not support the flag. WriteFiles found the name unused.
  return errno == EINVAL && ::rename(from.c_str(), to.c_str()) == 0;
}

/// Writes under a temporary name first, so that no reader sees half a file, and no link is
/// followed.
Result<void> WriteOne(const fs::path& folder, const NamedText& file, bool replace) {
  const auto path = folder / file.name;
  auto unfinished = path.string() + ".XXXXXX";
  const kernel::UniqueFd fd(::mkostemp(unfinished.data(), O_CLOEXEC));
  if (!fd) return Fail(IoError(path, "creating"));
  Result<void> written;
  if (!WriteAll(fd.get(), file.text)) written = Fail(IoError(path, "writing"));
  if (written && (::fchmod(fd.get(), kReadableByAll) != 0 || !Rename(unfinished, path, replace))) {
    written = Fail(IoError(path, "creating"));
  }
  if (!written) ::unlink(unfinished.c_str());
  return written;
}

}  // namespace

std::optional<Error> WhyRefused(const fs::path& folder, const fs::path& host_root) {
  const auto real = Real(folder);
  for (const auto& root : {fs::path("/"), host_root}) {
    for (const auto* name : kSystemFolders) {
      if (!IsWithin(real, Real(root / name))) continue;
      return Error{ErrorKind::kHeldBack, 0,
                   "--output-dir " + folder.string() + " is " + real.string() +
                       ", a folder of the system, where files take effect without review",
                   "name a folder of your own, such as ./conntrack-advice, and install the files "
                   "with the commands that are printed at the end"};
    }
  }
  return std::nullopt;
}

Result<void> WriteFiles(const fs::path& named, const std::vector<NamedText>& files, bool replace) {
  const auto folder = Real(named);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return Fail(ErrorFromErrno(error.value(), "creating " + folder.string()));
  for (const auto& file : files) {
    const auto path = folder / file.name;
    if (replace || fs::symlink_status(path, error).type() == fs::file_type::not_found) continue;
    return Fail(ErrorKind::kHeldBack, path.string() + " is there already",
                "--force replaces the files of an earlier advice; or name another folder");
  }
  for (const auto& file : files) {
    auto written = WriteOne(folder, file, replace);
    if (!written) return written;
  }
  return {};
}

}  // namespace conntrack::exporter::advise
