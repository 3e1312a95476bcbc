// modules.dep and modules.builtin.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace conntrack::kernel {

/// \brief  The modules that bring nf_conntrack with them when they are loaded: itself, by each of
///         its names, and all that depend on it.
/// Source:  /lib/modules/RELEASE/modules.dep: `path/x.ko[.gz|.xz|.zst]: path/y.ko ...`, with all
///          that x needs.
/// Threads and cost: pure.
[[nodiscard]] std::set<std::string> ConntrackDependents(std::string_view modules_dep);

/// Such modules for where modules.dep cannot be read: those of any kernel.
[[nodiscard]] std::set<std::string> CommonConntrackDependents();

/// Whether a list of paths, one a line (/lib/modules/RELEASE/modules.builtin), has nf_conntrack.
[[nodiscard]] bool IsConntrackBuiltin(std::string_view modules_builtin);

}  // namespace conntrack::kernel
