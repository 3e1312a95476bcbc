// The steps of `advise`: read the host, print the advice, write the files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/flows/flow_source_choice.h"
#include "collectors/kernel_access.h"
#include "diagnosis/sizing_advice.h"
#include "diagnosis/standing.h"
#include "exporter/commands/advise/options.h"

namespace conntrack::exporter::advise {

/// \brief  Reads everything that advice is based on. What cannot be read is listed in `missing`.
/// Source:  /proc/meminfo, sys/kernel/osrelease, all numbers in sys/net/netfilter, slabinfo,
///          modules; /sys/module/nf_conntrack, devices/system/cpu; one walk of the table.
/// Threads and cost: any thread; about 300 system calls, and the walk.
[[nodiscard]] Machine Gather(const KernelAccess& access, const FlowSourceOptions& flows,
                             const SizingRequest& request);

/// Width of text, and of comments in files.
inline constexpr std::size_t kLineWidth = 100;

/// Returns text for people: present state, recommended settings with reasons, risks. It does not
/// include the final commands.
[[nodiscard]] std::string RenderText(const Machine& machine, const SizingAdvice& advice);

/// Returns one JSON object. Unknown values are absent.
[[nodiscard]] std::string RenderJson(const Machine& machine, const SizingAdvice& advice);

struct AdviceFile {
  Format format;
  std::string_view name;          ///< File name in --output-dir.
  std::string_view installed_as;  ///< Installation path; empty if it is not copied.
  std::string (*render)(const Machine& machine, const SizingAdvice& advice);
};

/// Returns all files, in the order of installation.
[[nodiscard]] std::span<const AdviceFile> AdviceFiles();

/// Returns why the file would have no effect on this host, and what to use instead; std::nullopt if
/// it has an effect.
[[nodiscard]] std::optional<Error> WhyWithoutEffect(const AdviceFile& file, const Machine& machine,
                                                    const SizingAdvice& advice);

/// Returns the commands that install the files from `folder`, one per line, except files that have
/// no effect on this host.
[[nodiscard]] std::string InstallCommands(const Machine& machine, const SizingAdvice& advice,
                                          std::string_view folder);

struct NamedText {
  std::string name;
  std::string text;
};

/// \brief  Returns why files for review must not be written to `folder`; std::nullopt if they may.
/// Refuses folders of the running system, also if named by a link, a relative path, or below the
/// mount point of the host's root. The files must be reviewed before they take effect.
[[nodiscard]] std::optional<Error> WhyRefused(const std::filesystem::path& folder,
                                              const std::filesystem::path& host_root);

/// \brief  Writes the files to `folder`, and creates it if it is missing. Replaces files atomically
/// by a rename; does not follow symbolic links.
/// Errors:  kHeldBack if one of the files exists and `replace` is not set: then none is written.
///          Otherwise errors of the file system; files that are already written stay.
[[nodiscard]] Result<void> WriteFiles(const std::filesystem::path& folder,
                                      const std::vector<NamedText>& files, bool replace);

}  // namespace conntrack::exporter::advise
