// The web configuration with all that it refers to, read from files.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/web/config/file_stamp.h"
#include "exporter/web/config/tls_context.h"
#include "exporter/web/config/web_config.h"
#include "kernel/result.h"

namespace conntrack::exporter::web {

/// A configuration that is complete: its files are read and fit together.
struct LoadedWebConfig {
  WebConfig config;
  std::shared_ptr<const TlsContext> tls;  ///< Absent: plain HTTP.
};

/// Files and what they were just before they were read.
using FileStamps = std::vector<std::pair<std::string, FileStamp>>;

/// \brief  Reads the file and the certificates that it names. Their paths are relative to its
/// folder.
///
/// `stamps` gets every file that the outcome depends on, be it good or bad: while none of them
/// changes, nothing changes.
/// Errors:  the message names the file, line and column, and where it is about another file that
/// one too. kAbsent, kDenied or kIo for what cannot be read, kMalformed for the rest.
[[nodiscard]] Result<LoadedWebConfig> LoadWebConfig(const std::string& path, FileStamps& stamps);

}  // namespace conntrack::exporter::web
