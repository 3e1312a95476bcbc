#include "exporter/web/config/file_stamp.h"

#include <sys/stat.h>

#include <cerrno>

namespace conntrack::exporter::web {
namespace {

std::int64_t Nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

FileStamp StampOf(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return FileStamp{.error = errno};
  return FileStamp{.device = status.st_dev,
                   .inode = status.st_ino,
                   .size = status.st_size,
                   .modified_ns = Nanoseconds(status.st_mtim),
                   .changed_ns = Nanoseconds(status.st_ctim)};
}

}  // namespace conntrack::exporter::web
