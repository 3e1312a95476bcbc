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
             "; if the folder was made anew since this process started, restart it";
    case ENOSPC:
    case EDQUOT:
      return "make room on the file system of " + folder;
    default:
      return "";
  }
}

// The file beside the path, removed unless it was moved there.
class Draft {
 public:
  explicit Draft(const std::string& path)
      : name_(path + ".XXXXXX"), fd_(::mkostemp(name_.data(), O_CLOEXEC)) {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  ~Draft() {
    if (exists_) ::unlink(name_.c_str());
  }

  [[nodiscard]] explicit operator bool() const { return exists_; }

  // All of these: whether it went well; errno says what did not.
  [[nodiscard]] bool Write(std::string_view content) {
    while (!content.empty()) {
      const auto written = ::write(fd_.get(), content.data(), content.size());
      if (written < 0 && errno != EINTR) return false;
      if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  [[nodiscard]] bool Finish() {
    constexpr mode_t kReadableByAll = 0644;
    // Some file systems say only when a file is closed that it did not fit.
    return ::fchmod(fd_.get(), kReadableByAll) == 0 && ::fsync(fd_.get()) == 0 &&
           ::close(fd_.release()) == 0;
  }

  [[nodiscard]] bool MoveTo(const std::string& path) {
    if (std::rename(name_.c_str(), path.c_str()) != 0) return false;
    exists_ = false;
    return true;
  }

 private:
  std::string name_;
  kernel::UniqueFd fd_;
  bool exists_ = static_cast<bool>(fd_);
};

}  // namespace

Result<void> WriteFileAtomically(const std::string& path, std::string_view content) {
  Draft draft(path);
  if (draft && draft.Write(content) && draft.Finish() && draft.MoveTo(path)) return {};
  const int code = errno;
  auto error = ErrorFromErrno(code, "writing " + path);
  error.remedy = RemedyFor(code, path);
  return Fail(std::move(error));
}

}  // namespace conntrack::exporter
