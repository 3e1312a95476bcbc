// The files that advice comes in.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "exporter/commands/advise/advice.h"

namespace conntrack::exporter::advise {

struct AdviceFile {
  Format format;
  std::string_view name;          ///< In --output-dir.
  std::string_view installed_as;  ///< Where it takes effect; empty where it is not copied.
  std::string (*render)(const Machine& machine, const Advice& advice);
};

/// All of them, in the order in which they are installed.
[[nodiscard]] std::span<const AdviceFile> AdviceFiles();

/// The commands that install them from `folder`, one a line, for a person to look at first. Leaves
/// out what would have no effect on this machine.
[[nodiscard]] std::string InstallCommands(const Machine& machine, const Advice& advice,
                                          std::string_view folder);

}  // namespace conntrack::exporter::advise
