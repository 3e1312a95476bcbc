// Writing whole files.
#pragma once

#include <string>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::exporter {

/// \brief  Replaces the file at `path`, readable by all (0644): a reader sees the old file or the
/// new one, whole, also after a crash of the machine.
///
/// Writes PATH.XXXXXX, then renames it. Replaces a symbolic link instead of following it.
/// Errors:  the path, the reason and a remedy; PATH is unchanged then. Only SIGKILL leaves
/// PATH.XXXXXX behind.
/// Threads: any number at once, at the same path too: the last one wins.
[[nodiscard]] Result<void> WriteFileAtomically(const std::string& path, std::string_view content);

/// False, with errno, if not all could be written.
[[nodiscard]] bool WriteAll(int fd, std::string_view content);

}  // namespace conntrack::exporter
