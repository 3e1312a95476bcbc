// Whether the running settings survive a boot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/boot/boot_config.h"
#include "kernel/boot/setting_values.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// Why a setting will change at the next boot, or differs from what a file says.
enum class DriftReason {
  kValueDiffers,      ///< A file or program sets another value than is running.
  kBeforeModule,      ///< A file sets it before the module is loaded.
  kNotAppliedAtBoot,  ///< A file sets it that nothing reads at boot.
  kReadOnly,          ///< A file sets what this kernel takes as a parameter of the module only.
  kInvalidValue,      ///< A file sets it to what the kernel rejects.
  kNotSet,            ///< Nothing sets it, and the running value is not this kernel's default.
};

/// The reason as the word of the label: "before_module".
[[nodiscard]] std::string_view ToString(DriftReason reason);

struct RunningSetting {
  std::string name;  ///< As in the kernel: "nf_conntrack_max".
  std::int64_t value = 0;
  /// Its paths below /proc/sys: all names that this kernel has for it.
  std::vector<std::string> keys = {};
};

struct SettingPersistence {
  std::string name = {};
  std::int64_t running = 0;
  std::optional<std::int64_t> at_boot = {};  ///< What is set; none if nothing, or nonsense, is.
  std::optional<SourceLine> source = {};     ///< The line that sets it.
  std::string managed_by = {};               ///< Who sets it: "systemd-sysctl", "kube-proxy".
  std::optional<std::int64_t> left = {};     ///< What a boot leaves where it is set without effect.
  std::optional<DriftReason> drift = {};
  std::optional<BootDoubt> doubt = {};  ///< Why it is not known whether it drifts.
  bool judged = true;                   ///< False if this namespace is not the one that boots.
  std::string problem = {};             ///< What is wrong with the value, of kInvalidValue.
};

struct RunningKernel {
  std::vector<RunningSetting> settings;
  KernelTraits traits;
  bool boot_namespace = true;  ///< This is the network namespace that the boot files are for.
  bool buckets_read_only = false;
};

/// \brief  Compares the running values with those after the next boot, in the order of
///         `running.settings`.
///
/// A setting begins with its default, and is carried through all that writes it at boot, in each
/// order that is possible. It drifts, or does not, where all of these come to the same end and
/// nothing that is not understood may have the last word; else there is a doubt.
[[nodiscard]] std::vector<SettingPersistence> ComparePersistence(const BootConfig& boot,
                                                                 const RunningKernel& running);

struct PersistenceReport {
  std::vector<SettingPersistence> settings;  ///< By name.
  std::vector<UnreadableFile> unreadable;
  bool boot_namespace = true;  ///< False if only the host's global settings could be compared.
};

/// Why `root` has no boot files of this host; nothing if it has. It has none if it is "/" in a
/// container, that is, not in the first PID namespace of the host.
[[nodiscard]] std::optional<Error> CheckBootFiles(const KernelFiles& root, const KernelFiles& proc);

/// \brief  Compares every running sysctl nf_conntrack_* with what the boot files of the host would
///         set.
/// Source:  see ReadBootConfig() and ComparePersistence(). Boot files set timeouts and switches for
///          the network namespace of process 1: IsInBootNamespace().
/// Errors:  kAbsent if connection tracking is not loaded; those of CheckBootFiles().
/// Threads and cost: any thread; some thousands of system calls: not for every scrape.
[[nodiscard]] Result<PersistenceReport> ReadPersistence(const KernelFiles& root,
                                                        const KernelFiles& proc,
                                                        const KernelFiles& sys);

}  // namespace conntrack::kernel
