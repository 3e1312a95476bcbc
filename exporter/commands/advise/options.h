// Options of `conntrack_exporter advise`.
#pragma once

#include <string>

#include "diagnosis/sizing_advice.h"

namespace CLI {
class App;
}

namespace conntrack::exporter::advise {

enum class Format {
  kText,
  kSysctl,
  kModprobe,
  kModulesLoad,
  kUdev,
  kNftNotrack,
  kIptablesNotrack,
  kKubernetes,
  kJson
};

/// The defaults are those of --help.
struct AdviseOptions : SizingRequest {
  Format format = Format::kText;
  std::string output_dir;  ///< Folder for all files; empty: write none.
  bool force = false;      ///< Replace existing files.
};

/// Adds the flags. They set `options` when the command line is parsed.
void AddAdviseFlags(CLI::App& command, AdviseOptions& options);

}  // namespace conntrack::exporter::advise
