#include "exporter/process/atomic_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "kernel/unique_fd.h"

namespace conntrack::exporter {
namespace {

std::string RemedyFor(int code, const std::string& path) {
  const auto slash = path.rfind('/');
  const auto folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return "make the folder " + folder;
    case EACCES:
    case EPERM:
    case EROFS:
      return "let this user write into " + folder +
             ", which is more than the file itself; in a systemd unit: ReadWritePaths=" + folder +
             "; if the folder was created again since this process started, restart it";
    case ENOSPC:
    case EDQUOT:
      return "make room on the file system of " + folder;
    default:
      return "";
  }
}

}  // namespace

bool WriteAll(int fd, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

Result<void> WriteFileAtomically(const std::string& path, std::string_view content) {
  constexpr mode_t kReadableByAll = 0644;
  std::string draft = path + ".XXXXXX";
  kernel::UniqueFd fd(::mkostemp(draft.data(), O_CLOEXEC));
  const bool made = static_cast<bool>(fd);
  // Some file systems report a full disk only in close(2).
  if (made && WriteAll(fd.get(), content) && ::fchmod(fd.get(), kReadableByAll) == 0 &&
      ::fsync(fd.get()) == 0 && ::close(fd.release()) == 0 &&
      std::rename(draft.c_str(), path.c_str()) == 0) {
    return {};
  }
  const int code = errno;
  if (made) ::unlink(draft.c_str());
  auto error = ErrorFromErrno(code, "writing " + path);
  error.remedy = RemedyFor(code, path);
  return Fail(std::move(error));
}

}  // namespace conntrack::exporter
