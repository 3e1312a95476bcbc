// Files of a host whose file system is mounted somewhere.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  Files below a root, as that host sees them: a link to /etc/x leads to ROOT/etc/x, and no
///         link leads out of the root.
/// Source:  `--path.rootfs`. openat2(RESOLVE_IN_ROOT) is missing before 5.6 and refused by seccomp
///          filters of older container runtimes.
/// Errors:  kAbsent; kDenied; kMalformed if it is no regular file.
class RootFiles {
 public:
  explicit RootFiles(const KernelFiles& root) : files_(root) {}

  /// The target of `path` ("/etc/sysctl.d/x.conf"), relative to the root and without links. It has
  /// to exist unless it is dev/null, which masks files, and which images lack. On failure
  /// `folder_is_there` says whether it would be in a folder that exists, other than the root.
  [[nodiscard]] Result<std::filesystem::path> Resolve(std::string_view path,
                                                      bool* folder_is_there = nullptr) const;

  /// The content of a regular file; that of /dev/null is empty.
  [[nodiscard]] Result<std::string> Read(std::string_view path) const;

  /// The names in a folder, sorted.
  [[nodiscard]] Result<std::vector<std::string>> List(std::string_view path) const;

 private:
  KernelFiles files_;
};

struct ConfigFile {
  std::string path;  ///< As the host sees it: "/etc/sysctl.d/90-conntrack.conf".
  std::string text;

  friend bool operator==(const ConfigFile&, const ConfigFile&) = default;
};

/// A file or folder that exists and could not be read.
struct UnreadableFile {
  std::string path;
  Error reason;
};

struct ConfigFiles {
  std::vector<ConfigFile> files;  ///< In the order in which they are read.
  std::vector<UnreadableFile> unreadable;
};

/// Where folders of configuration are, in order of precedence for systemd, kmod and udev.
inline constexpr std::string_view kConfigPrefixes[] = {"/etc/", "/run/", "/usr/local/lib/",
                                                       "/usr/lib/", "/lib/"};

/// \brief  Reads all files of `folder` ("sysctl.d") below kConfigPrefixes whose name ends with
///         `suffix`, sorted by name. A file of an earlier prefix replaces one of the same name of a
///         later prefix, even if it is empty or a link to /dev/null.
/// Source:  conf_files_list() in systemd's src/basic/conf-files.c; kmod and udev agree.
///          A link to a file that is missing from a folder that is there sets nothing.
/// Errors:  other than of absent folders go to `unreadable`.
[[nodiscard]] ConfigFiles ReadConfigFolders(const RootFiles& root, std::string_view folder,
                                            std::string_view suffix);

}  // namespace conntrack::kernel
