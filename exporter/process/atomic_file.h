// Atomic replacement of files.
#pragma once

#include <string>
#include <string_view>

#include "kernel/result.h"

namespace conntrack::exporter {

/// \brief  Puts the content at the path, readable by all (0644), so that who reads there meanwhile
/// sees the old file or the new one, whole, also after a crash of the machine.
///
/// It is written beside the path, to PATH.XXXXXX, then renamed. A symbolic link at the path is
/// replaced, not followed.
/// Errors:  the path, the reason and a remedy; the file beside it is gone then, and what was at the
/// path is as it was. Only SIGKILL leaves the file beside it.
/// Threads: any number at once, at the same path too: the last one wins.
[[nodiscard]] Result<void> WriteFileAtomically(const std::string& path, std::string_view content);

}  // namespace conntrack::exporter
