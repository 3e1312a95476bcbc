// What tells that a file has changed.
#pragma once

#include <cstdint>
#include <string>

namespace conntrack::exporter::web {

/// The file that a path leads to, through symbolic links: Kubernetes changes a mounted secret by
/// turning one.
struct FileStamp {
  int error = 0;  ///< errno where there is no such file, and then the rest is 0.
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  ///< Of the inode: also moves where a tool keeps the time of a copy.

  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

[[nodiscard]] FileStamp StampOf(const std::string& path);

}  // namespace conntrack::exporter::web
