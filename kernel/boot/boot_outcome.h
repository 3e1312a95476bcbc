// What becomes of one setting at the next boot.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kernel/boot/boot_config.h"
#include "kernel/boot/persistence.h"

namespace conntrack::kernel {

/// An order in which a boot may happen.
struct BootOrder {
  bool early = true;         ///< The module is loaded before the files of sysctl.d are applied.
  bool rules_first = false;  ///< Rules of udev run before them.
};

/// A line without effect, and why.
struct VainLine {
  DriftReason reason = DriftReason::kBeforeModule;
  SourceLine source;
  std::optional<std::int64_t> value;
  std::string manager;
  std::string problem;
};

struct BootOutcome {
  std::optional<DefaultRange> value;  ///< Nothing if the default is not known.
  std::optional<SourceLine> source;   ///< What sets it; nothing for the default.
  std::string manager;
  std::optional<BootDoubt> doubt;  ///< It may be something else.
  std::optional<VainLine> vain;
};

/// The value of `setting` after a boot in this order.
[[nodiscard]] BootOutcome OutcomeOf(const BootConfig& boot, const RunningKernel& running,
                                    const RunningSetting& setting, BootOrder order);

/// The modules that have the sysctl of `setting`: one of them is enough.
[[nodiscard]] std::vector<std::string> OwnersOf(const BootConfig& boot,
                                                const RunningSetting& setting);

}  // namespace conntrack::kernel
