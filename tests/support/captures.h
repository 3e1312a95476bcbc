// The folders of tests/fixtures: each the /proc and /sys of one kernel.
#pragma once

#include <filesystem>
#include <string>

#include "tests/support/source_dir.h"

namespace conntrack::test {

[[nodiscard]] inline std::filesystem::path Capture(const std::string& name) {
  return std::filesystem::path(SourceDir()) / "tests/fixtures" / name;
}

}  // namespace conntrack::test
