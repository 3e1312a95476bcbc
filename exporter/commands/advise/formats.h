// Advice as text, as JSON, and as files to install.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "diagnosis/sizing_advice.h"
#include "exporter/commands/advise/options.h"

namespace conntrack::exporter::advise {

/// Of text, and of comments in files.
inline constexpr std::size_t kLineWidth = 100;

/// For a person: what is, what to set and why, what may go wrong; without the commands at its end.
[[nodiscard]] std::string RenderText(const Machine& machine, const SizingAdvice& advice);

/// For a program: one JSON object. What is not known is absent.
[[nodiscard]] std::string RenderJson(const Machine& machine, const SizingAdvice& advice);

struct AdviceFile {
  Format format;
  std::string_view name;          ///< In --output-dir.
  std::string_view installed_as;  ///< Where it takes effect; empty where it is not copied.
  std::string (*render)(const Machine& machine, const SizingAdvice& advice);
};

/// All of them, in the order in which they are installed.
[[nodiscard]] std::span<const AdviceFile> AdviceFiles();

/// The commands that install them from `folder`, one a line; those without effect on this machine
/// are left out.
[[nodiscard]] std::string InstallCommands(const Machine& machine, const SizingAdvice& advice,
                                          std::string_view folder);

}  // namespace conntrack::exporter::advise
