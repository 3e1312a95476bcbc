// A folder of invented files, used as the root of /proc or /sys.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace conntrack::test {

/// Makes an empty folder and removes it, with all that is in it, at the end.
class TempTree {
 public:
  TempTree() {
    std::string name = (std::filesystem::temp_directory_path() / "conntrack-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
    root_ = name;
  }
  TempTree(const TempTree&) = delete;
  TempTree& operator=(const TempTree&) = delete;
  ~TempTree() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }

  TempTree& Write(std::string_view path, std::string_view content) {
    const auto full = root_ / path;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full, std::ios::binary) << content;
    return *this;
  }

  /// A symbolic link, which may lead nowhere.
  TempTree& Link(std::string_view path, std::string_view target) {
    const auto full = root_ / path;
    std::filesystem::create_directories(full.parent_path());
    std::filesystem::create_symlink(target, full);
    return *this;
  }

  /// A sysctl of connection tracking.
  TempTree& Sysctl(std::string_view name, std::string_view value) {
    return Write("sys/net/netfilter/" + std::string(name), std::string(value) + "\n");
  }

 private:
  std::filesystem::path root_;
};

}  // namespace conntrack::test
