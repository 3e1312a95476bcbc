// Writes whole files.
#pragma once

#include <string>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::exporter {

/// \brief  Replaces the file at `path`, with mode 0644. Readers see either the old or the new file,
/// complete, also after a crash of the host.
///
/// Writes PATH.XXXXXX, then renames it. Replaces a symbolic link instead of following it.
/// Errors:  the path, the reason and a remedy; PATH is then unchanged. Only SIGKILL leaves
///          PATH.XXXXXX behind.
/// Threads: any number of threads, also for the same path: the last one wins.
[[nodiscard]] Result<void> WriteFileAtomically(const std::string& path, std::string_view content);

/// Returns false, with errno, if not everything could be written.
[[nodiscard]] bool WriteAll(int fd, std::string_view content);

}  // namespace conntrack::exporter
