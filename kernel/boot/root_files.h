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
///
/// Source:  `--path.rootfs`. Links are followed by hand: openat2(RESOLVE_IN_ROOT) does the same,
///          but is refused by the seccomp filters of older container runtimes and missing before
///          5.6.
/// Errors:  kAbsent where there is no such file; kDenied; kMalformed where it is no regular file.
/// Threads and cost: stateless, any thread; one lstat for each part of a path.
class RootFiles {
 public:
  explicit RootFiles(const KernelFiles& root) : files_(root) {}

  /// Where `path` ("/etc/sysctl.d/x.conf") leads to: relative to the root, without links. It need
  /// not be there if it is dev/null, which is what masks a file, and which images lack.
  [[nodiscard]] Result<std::filesystem::path> Resolve(std::string_view path) const;

  /// The content of a regular file; that of /dev/null is empty.
  [[nodiscard]] Result<std::string> Read(std::string_view path) const;

  /// The names in a folder, sorted.
  [[nodiscard]] Result<std::vector<std::string>> List(std::string_view path) const;

 private:
  KernelFiles files_;
};

}  // namespace conntrack::kernel
