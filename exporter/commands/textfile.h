// conntrack_exporter --output.textfile
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/command_line/options.h"
#include "exporter/metrics/scraper.h"
#include "kernel/result.h"

namespace conntrack::exporter {

/// \brief  Writes the metrics to a file that node_exporter's textfile collector reads, or to `out`,
/// instead of serving them: once, or again and again until SIGTERM or SIGINT, which must be blocked
/// in the calling thread already.
///
/// The text format 0.0.4 without timestamps and without process_*, which node_exporter has of its
/// own. A collector that fails does not keep the others from being written. Yields the exit code:
/// 0, or 1 where nothing could be written. Once a first write has gone well, a later one that fails
/// is logged and tried again after the interval: a disk that is full for a minute is no reason to
/// end.
[[nodiscard]] int Textfile(const Options& options, std::vector<NamedCollector> collectors,
                           std::ostream& out);

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
