#include "kernel/proc/kernel_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <string_view>

#include "kernel/text.h"
#include "kernel/unique_fd.h"

namespace conntrack::kernel {
namespace {

// Maximum size of a file that contains one number.
constexpr std::size_t kMaxNumberSize = 64;

// Links in /proc/PID/ns are 20 characters long. No link is followed by its text.
constexpr std::size_t kMaxLink = 256;

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// Reads to the end of the file, or until `take(chunk)` returns false.
template <std::size_t kChunk, class Take>
Result<void> ForEachChunk(const std::filesystem::path& file, Take&& take) {
  const UniqueFd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Fail(ErrorFromErrno(errno, "opening " + file.string()));
  std::array<char, kChunk> chunk;
  while (true) {
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Fail(ErrorFromErrno(errno, "reading " + file.string()));
    if (got == 0 || !take({chunk.data(), static_cast<std::size_t>(got)})) return {};
  }
}

}  // namespace

Result<std::string> KernelFiles::Read(std::string_view path, std::size_t most) const {
  std::string content;
  auto read = ForEachChunk<4096>(root_ / path, [&](std::string_view chunk) {
    content += chunk;
    return content.size() <= most;
  });
  if (!read) return Fail(std::move(read.error()));
  if (content.size() <= most) return content;
  return Fail(ErrorKind::kMalformed,
              (root_ / path).string() + " is larger than any kernel file of its kind");
}

Result<bool> KernelFiles::Contains(std::string_view path, std::string_view text) const {
  std::string window;
  bool found = false;
  auto read = ForEachChunk<65536>(root_ / path, [&](std::string_view chunk) {
    window += chunk;
    found = window.find(text) != std::string::npos;
    // The text may begin in this chunk and end in the next one.
    window.erase(0, window.size() - std::min(window.size(), text.size()));
    return !found;
  });
  if (!read) return Fail(std::move(read.error()));
  return found;
}

Result<std::int64_t> KernelFiles::ReadNumber(std::string_view path) const {
  const auto content = Read(path, kMaxNumberSize);
  if (!content) return Fail(content.error());
  const auto text = Strip(*content);
  const auto number = ParseNumber<std::int64_t>(text);
  if (!number) {
    return Fail(ErrorKind::kMalformed, (root_ / path).string() + " holds \"" +
                                           std::string(text.substr(0, 40)) + "\", not one number");
  }
  return *number;
}

Result<std::string> KernelFiles::ReadLink(std::string_view path) const {
  const auto full = root_ / path;
  std::array<char, kMaxLink> target;
  const ssize_t length = ::readlink(full.c_str(), target.data(), target.size());
  if (length < 0) return Fail(ErrorFromErrno(errno, "reading the link " + full.string()));
  return std::string(target.data(), static_cast<std::size_t>(length));
}

Result<std::uint64_t> KernelFiles::Inode(std::string_view path) const {
  const auto full = root_ / path;
  struct stat status {};
  if (::stat(full.c_str(), &status) < 0) {
    return Fail(ErrorFromErrno(errno, "looking at " + full.string()));
  }
  return std::uint64_t{status.st_ino};
}

Result<std::vector<std::string>> KernelFiles::List(std::string_view path, bool folders) const {
  const auto full = root_ / path;
  // Not std::filesystem's iterator: it ends the process if there is no memory.
  const std::unique_ptr<DIR, CloseFolder> folder(::opendir(full.c_str()));
  if (!folder) return Fail(ErrorFromErrno(errno, "listing " + full.string()));
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    const bool wanted = !folders || entry->d_type == DT_DIR;
    if (wanted && name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  if (errno != 0) return Fail(ErrorFromErrno(errno, "listing " + full.string()));
  std::ranges::sort(names);
  return names;
}

}  // namespace conntrack::kernel
