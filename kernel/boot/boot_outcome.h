// The result of the next boot for one setting.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/boot/boot_config.h"
#include "kernel/boot/persistence.h"

namespace conntrack::kernel {

/// A possible order of events during boot.
struct BootOrder {
  bool early = true;         ///< The module is loaded before the files of sysctl.d are applied.
  bool rules_first = false;  ///< udev rules run before those files are applied.
};

/// A line without effect, and the reason.
struct VainLine {
  DriftReason reason = DriftReason::kBeforeModule;
  SourceLine source;
  std::optional<std::int64_t> value;
  std::string manager;
  std::string problem;
};

struct BootOutcome {
  std::optional<DefaultRange> value;  ///< std::nullopt if the default is unknown.
  std::optional<SourceLine> source;   ///< What sets it; std::nullopt for the default.
  std::string manager;
  std::optional<BootDoubt> doubt;  ///< Why the value may differ.
  std::optional<VainLine> vain;
};

/// Returns the value of `setting` after a boot in this order.
[[nodiscard]] BootOutcome OutcomeOf(const BootConfig& boot, const RunningKernel& running,
                                    const RunningSetting& setting, BootOrder order);

/// Returns the modules that have the sysctl of `setting`: any one of them is enough.
[[nodiscard]] std::vector<std::string> OwnersOf(const BootConfig& boot,
                                                const RunningSetting& setting);

}  // namespace conntrack::kernel
