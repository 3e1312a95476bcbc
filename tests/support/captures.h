// The folders of tests/fixtures: each the /proc and /sys of one kernel.
#pragma once

#include <filesystem>
#include <string>

namespace conntrack::test {

[[nodiscard]] inline std::filesystem::path Capture(const std::string& name) {
  return std::filesystem::path(CONNTRACK_SOURCE_DIR) / "tests/fixtures" / name;
}

}  // namespace conntrack::test
