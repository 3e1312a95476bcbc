// Files of a host whose root file system is mounted at some path.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  Reads files below a root as that host sees them: a link to /etc/x leads to ROOT/etc/x,
///         and no link leads out of the root.
/// Source:  `--path.rootfs`. openat2(RESOLVE_IN_ROOT) is not used: it is missing before 5.6, and
///          seccomp filters of older container runtimes refuse it.
/// Errors:  kAbsent; kDenied; kMalformed if it is not a regular file.
class RootFiles {
 public:
  explicit RootFiles(const KernelFiles& root) : files_(root) {}

  /// Returns the target of `path` ("/etc/sysctl.d/x.conf"), relative to the root and without links.
  /// The target must exist, unless it is dev/null, which masks files and is missing in images. On
  /// failure, `folder_is_there` is set to whether its parent folder exists and is not the root.
  [[nodiscard]] Result<std::filesystem::path> Resolve(std::string_view path,
                                                      bool* folder_is_there = nullptr) const;

  /// Returns the content of a regular file; empty for /dev/null.
  [[nodiscard]] Result<std::string> Read(std::string_view path) const;

  /// Returns the names in a folder, sorted.
  [[nodiscard]] Result<std::vector<std::string>> List(std::string_view path) const;

 private:
  KernelFiles files_;
};

struct ConfigFile {
  std::string path;  ///< As the host sees it: "/etc/sysctl.d/90-conntrack.conf".
  std::string text;

  friend bool operator==(const ConfigFile&, const ConfigFile&) = default;
};

/// A file or folder that exists but cannot be read.
struct UnreadableFile {
  std::string path;
  Error reason;
};

struct ConfigFiles {
  std::vector<ConfigFile> files;  ///< In the order in which they are applied.
  std::vector<UnreadableFile> unreadable;
};

/// Locations of configuration folders, in order of precedence for systemd, kmod and udev.
inline constexpr std::string_view kConfigPrefixes[] = {"/etc/", "/run/", "/usr/local/lib/",
                                                       "/usr/lib/", "/lib/"};

/// \brief  Reads all files of `folder` ("sysctl.d") below kConfigPrefixes whose name ends with
///         `suffix`, sorted by name. A file of an earlier prefix replaces a file of the same name
///         of a later prefix, even if it is empty or a link to /dev/null. A link sets nothing if
///         its target is missing from an existing folder.
/// Source:  conf_files_list() in systemd's src/basic/conf-files.c; kmod and udev behave the same.
/// Errors:  listed in `unreadable`, except for folders that do not exist.
[[nodiscard]] ConfigFiles ReadConfigFolders(const RootFiles& root, std::string_view folder,
                                            std::string_view suffix);

}  // namespace conntrack::kernel
