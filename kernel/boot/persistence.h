// Whether the settings that run now survive a boot.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/boot/boot_config.h"

namespace conntrack::kernel {

/// Why a setting will be another one after the next boot, or is not what a file says.
enum class DriftReason {
  kValueDiffers,      ///< A file sets another value than runs now.
  kBeforeModule,      ///< A file sets it at a time when the module is not loaded yet.
  kNotAppliedAtBoot,  ///< A file sets it that nothing reads at boot.
  kInvalidValue,      ///< A file sets it to what the kernel does not take.
  kNotSet,            ///< No file sets it, and what runs now is no default of any kernel.
};

/// The reason as the word of the label: "before_module".
[[nodiscard]] std::string_view ToString(DriftReason reason);

struct RunningSetting {
  std::string name;  ///< As the kernel has it: "nf_conntrack_max".
  std::int64_t value = 0;
};

struct SettingPersistence {
  std::string name;
  std::int64_t running = 0;
  std::optional<std::int64_t>
      at_boot;                       ///< What the files set; none where they do not, or nonsense.
  std::optional<SourceLine> source;  ///< The line that sets it.
  std::optional<DriftReason> drift;
  bool judged = true;   ///< False where what runs here is not what boots: another namespace.
  std::string problem;  ///< What is wrong with the value, of kInvalidValue.
};

/// What there is to know of the kernel that runs.
struct RunningKernel {
  std::vector<RunningSetting> settings;
  bool boot_namespace = true;       ///< This is the network namespace that the boot files are for.
  std::int64_t buckets_step = 512;  ///< The hash table is rounded up to whole pages of buckets.
};

/// \brief  Compares what runs with what the files would set, in the order of `running.settings`.
///
/// A module given a hash size makes its limit 8 times that. Where it is uncertain, nothing is said:
/// a value that any kernel might have by itself is none that somebody set, and where a file could
/// not be read nobody knows what it sets.
/// Threads and cost: pure.
[[nodiscard]] std::vector<SettingPersistence> ComparePersistence(const BootConfig& boot,
                                                                 const RunningKernel& running);

}  // namespace conntrack::kernel
