#include "kernel/boot/root_files.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <map>
#include <system_error>

namespace conntrack::kernel {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLinks = 40;  // as in the kernel
constexpr const char* kNull = "dev/null";

/// Inserts the components of `path` before the remaining ones.
void Prepend(std::deque<fs::path>& parts, const fs::path& path) {
  const auto relative = path.relative_path();
  parts.insert(parts.begin(), relative.begin(), relative.end());
}

tl::unexpected<Error> Failed(int code, std::string_view path) {
  return Fail(ErrorFromErrno(code, path));
}

}  // namespace

Result<fs::path> RootFiles::Resolve(std::string_view path, bool* folder_is_there) const {
  std::deque<fs::path> parts;
  Prepend(parts, path);
  fs::path walked;
  for (int links = 0; !parts.empty();) {
    const auto part = parts.front();
    parts.pop_front();
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      walked = walked.parent_path();  // the parent of the root is the root
      continue;
    }
    const auto next = walked / part;
    struct stat status {};
    if (::lstat((files_.root() / next).c_str(), &status) < 0) {
      const int code = errno;
      if (folder_is_there != nullptr) *folder_is_there = parts.empty() && !walked.empty();
      for (walked = next; !parts.empty(); parts.pop_front()) walked /= parts.front();
      if (code == ENOENT && walked == kNull) return walked;
      return Failed(code, path);
    }
    if (!S_ISLNK(status.st_mode)) {
      walked = next;
      continue;
    }
    if (++links > kMostLinks) return Failed(ELOOP, path);
    std::error_code error;
    const auto target = fs::read_symlink(files_.root() / next, error);
    if (error) return Failed(error.value(), path);
    if (target.is_absolute()) walked.clear();
    Prepend(parts, target);
  }
  return walked;
}

Result<std::string> RootFiles::Read(std::string_view path) const {
  const auto resolved = Resolve(path);
  if (!resolved) return Fail(resolved.error());
  if (*resolved == kNull) return std::string();
  struct stat status {};
  if (::lstat((files_.root() / *resolved).c_str(), &status) < 0) return Failed(errno, path);
  // Opening a pipe would block until it has a writer.
  if (!S_ISREG(status.st_mode)) {
    return Fail(ErrorKind::kMalformed, std::string(path) + " is no regular file");
  }
  return files_.Read(resolved->native());
}

Result<std::vector<std::string>> RootFiles::List(std::string_view path) const {
  const auto resolved = Resolve(path);
  if (!resolved) return Fail(resolved.error());
  return files_.List(resolved->native());
}

ConfigFiles ReadConfigFolders(const RootFiles& root, std::string_view folder,
                              std::string_view suffix) {
  ConfigFiles found;
  std::map<std::string, std::string> paths;  // by name
  for (const auto prefix : kConfigPrefixes) {
    const auto path = std::string(prefix).append(folder);
    const auto names = root.List(path);
    if (!names && names.error().kind != ErrorKind::kAbsent) {
      found.unreadable.push_back({path, names.error()});
    }
    for (const auto& name : names.value_or(std::vector<std::string>{})) {
      if (name.ends_with(suffix) && !name.starts_with('.')) {
        // Keeps an existing one.
        paths.emplace(name, std::string(path).append("/").append(name));
      }
    }
  }
  for (auto& [name, path] : paths) {
    auto text = root.Read(path);
    if (text) {
      found.files.push_back({std::move(path), std::move(*text)});
      continue;
    }
    bool folder_is_there = false;
    (void)root.Resolve(path, &folder_is_there);
    // Versions of systemd differ in whether a broken link replaces a file of a later prefix.
    const bool replaces = std::ranges::any_of(kConfigPrefixes, [&, &name = name](auto prefix) {
      return root.Resolve(std::string(prefix).append(folder).append("/").append(name)).has_value();
    });
    // If only parts of the host are mounted, the host may have what is missing here.
    const bool leads_to_nothing = text.error().kind == ErrorKind::kAbsent && folder_is_there;
    if (replaces || !leads_to_nothing) {
      found.unreadable.push_back({std::move(path), text.error()});
    }
  }
  return found;
}

}  // namespace conntrack::kernel
