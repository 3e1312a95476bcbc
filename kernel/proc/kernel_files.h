// Reading files below /proc and /sys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/result.h"

namespace conntrack::kernel {

/// \brief  Reads files below one root: /proc or /sys, or captured files in a test.
/// Source:  `--path.procfs` and `--path.sysfs`. Paths are relative: "net/stat/nf_conntrack".
/// Errors:  kAbsent if the file does not exist (module not loaded, kernel option off, older
///          kernel); kDenied; kMalformed if it is not a number, or larger than any kernel file.
/// Threads and cost: stateless, any thread; open (read-only, close-on-exec), read to the end,
///          close. No stat: kernel files have no size.
class KernelFiles {
 public:
  explicit KernelFiles(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

  [[nodiscard]] Result<std::string> Read(std::string_view path) const {
    return Read(path, kMaxFileSize);
  }

  /// Reads a file that contains one whole number, which may be negative.
  [[nodiscard]] Result<std::int64_t> ReadNumber(std::string_view path) const;

  /// Returns whether a file of any size contains `text`.
  [[nodiscard]] Result<bool> Contains(std::string_view path, std::string_view text) const;

  /// Returns the target of a symbolic link, whether or not it exists: "net:[4026531840]".
  [[nodiscard]] Result<std::string> ReadLink(std::string_view path) const;

  /// Returns the inode number of the target of `path`.
  [[nodiscard]] Result<std::uint64_t> Inode(std::string_view path) const;

  /// Returns the names in a folder, sorted.
  [[nodiscard]] Result<std::vector<std::string>> List(std::string_view path) const {
    return List(path, false);
  }

  /// Like List(), but only the names of folders.
  [[nodiscard]] Result<std::vector<std::string>> Folders(std::string_view path) const {
    return List(path, true);
  }

 private:
  /// The largest file that is read is the statistics file: 150 bytes per possible CPU, at most 8192
  /// CPUs.
  static constexpr std::size_t kMaxFileSize = std::size_t{4} << 20U;

  [[nodiscard]] Result<std::string> Read(std::string_view path, std::size_t most) const;
  [[nodiscard]] Result<std::vector<std::string>> List(std::string_view path, bool folders) const;

  std::filesystem::path root_;
};

}  // namespace conntrack::kernel
