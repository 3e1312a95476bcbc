// The parts of `advise`: read the machine, print the advice, write the files.
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

/// \brief  Reads all that advice is based on; what cannot be read is named in `missing`.
/// Source:  /proc/meminfo, sys/kernel/osrelease, every number in sys/net/netfilter, slabinfo,
///          modules; /sys/module/nf_conntrack, devices/system/cpu; one walk of the table.
/// Threads and cost: any thread; some 300 system calls, and the walk.
[[nodiscard]] Machine Gather(const KernelAccess& access, const FlowSourceOptions& flows,
                             const SizingRequest& request);

/// Of text, and of comments in files.
inline constexpr std::size_t kLineWidth = 100;

/// For a person: what is, what to set and why, what may go wrong; without the commands at its end.
[[nodiscard]] std::string RenderText(const Machine& machine, const SizingAdvice& advice);

/// For a program: one JSON object. What is unknown is absent.
[[nodiscard]] std::string RenderJson(const Machine& machine, const SizingAdvice& advice);

struct AdviceFile {
  Format format;
  std::string_view name;          ///< In --output-dir.
  std::string_view installed_as;  ///< Where it takes effect; empty if it is not copied.
  std::string (*render)(const Machine& machine, const SizingAdvice& advice);
};

/// All of them, in the order in which they are installed.
[[nodiscard]] std::span<const AdviceFile> AdviceFiles();

/// Why the file would have no effect on this machine, and what to use instead; nothing otherwise.
[[nodiscard]] std::optional<Error> WhyWithoutEffect(const AdviceFile& file, const Machine& machine,
                                                    const SizingAdvice& advice);

/// The commands that install them from `folder`, one a line, without those that have no effect on
/// this machine.
[[nodiscard]] std::string InstallCommands(const Machine& machine, const SizingAdvice& advice,
                                          std::string_view folder);

struct NamedText {
  std::string name;
  std::string text;
};

/// \brief  Why files for review may not be written to `folder`, or nothing.
/// Refuses folders of the running system, however they are spelled: by a link, a relative path, or
/// below the root that the host is mounted at. A person reviews files before they take effect.
[[nodiscard]] std::optional<Error> WhyRefused(const std::filesystem::path& folder,
                                              const std::filesystem::path& host_root);

/// \brief  Writes the files into `folder`, and makes it if it is missing. Replaces a file as a
/// whole, by a rename: a link is not followed.
/// Errors:  kHeldBack if one of them is there and `replace` is not set: then none is written.
///          Others as the file system has them; files that were written before stay.
[[nodiscard]] Result<void> WriteFiles(const std::filesystem::path& folder,
                                      const std::vector<NamedText>& files, bool replace);

}  // namespace conntrack::exporter::advise
