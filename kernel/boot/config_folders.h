// Folders of configuration that replace and complement each other.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/boot/root_files.h"

namespace conntrack::kernel {

struct ConfigFile {
  std::string path;  ///< As the host sees it: "/etc/sysctl.d/90-conntrack.conf".
  std::string text;

  friend bool operator==(const ConfigFile&, const ConfigFile&) = default;
};

/// A file or folder that is there and could not be read.
struct UnreadableFile {
  std::string path;
  Error reason;
};

struct ConfigFiles {
  std::vector<ConfigFile> files;  ///< In the order in which they are read.
  std::vector<UnreadableFile> unreadable;
};

// In order of precedence, for the readers of each: systemd's CONF_PATHS, kmod, udev. The last is
// the same as the one before where /lib is a link to /usr/lib.
inline constexpr std::string_view kSysctlFolders[] = {"/etc/sysctl.d", "/run/sysctl.d",
                                                      "/usr/local/lib/sysctl.d",
                                                      "/usr/lib/sysctl.d", "/lib/sysctl.d"};
inline constexpr std::string_view kModulesLoadFolders[] = {
    "/etc/modules-load.d", "/run/modules-load.d", "/usr/local/lib/modules-load.d",
    "/usr/lib/modules-load.d", "/lib/modules-load.d"};
inline constexpr std::string_view kModprobeFolders[] = {"/etc/modprobe.d", "/run/modprobe.d",
                                                        "/usr/local/lib/modprobe.d",
                                                        "/usr/lib/modprobe.d", "/lib/modprobe.d"};
inline constexpr std::string_view kUdevFolders[] = {"/etc/udev/rules.d", "/run/udev/rules.d",
                                                    "/usr/local/lib/udev/rules.d",
                                                    "/usr/lib/udev/rules.d", "/lib/udev/rules.d"};

/// \brief  Reads all files whose name ends with `suffix`, in the order that systemd, kmod and udev
///         agree on.
///
/// A file in an earlier folder replaces one of the same name in a later folder; the files that are
/// left are sorted by name, wherever they are. A link to /dev/null and an empty file are empty, and
/// replace all the same.
/// Source:  conf_files_list() in systemd's src/basic/conf-files.c, conf_files_list() in kmod's
///          libkmod/libkmod-config.c.
/// Errors:  a folder that is absent is none; others, and files that cannot be read, are named.
[[nodiscard]] ConfigFiles ReadConfigFolders(const RootFiles& root,
                                            std::span<const std::string_view> folders,
                                            std::string_view suffix);

}  // namespace conntrack::kernel
