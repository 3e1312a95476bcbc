// Whether the running settings survive a reboot.
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

/// Why a setting will change at the next boot, or differs from a file.
enum class DriftReason {
  kValueDiffers,      ///< A file or program sets another value than the running one.
  kBeforeModule,      ///< A file sets it before the module is loaded.
  kNotAppliedAtBoot,  ///< A file sets it, but nothing reads that file at boot.
  kReadOnly,          ///< A file sets it, but this kernel accepts it only as a module parameter.
  kInvalidValue,      ///< A file sets it to a value that the kernel rejects.
  kNotSet,            ///< Nothing sets it, and the running value is not this kernel's default.
};

/// Returns the reason as a label value: "before_module".
[[nodiscard]] std::string_view ToString(DriftReason reason);

struct RunningSetting {
  std::string name;  ///< As in the kernel: "nf_conntrack_max".
  std::int64_t value = 0;
  /// Its paths below /proc/sys, under all names that this kernel has for it.
  std::vector<std::string> keys = {};
};

struct SettingPersistence {
  std::string name = {};
  std::int64_t running = 0;
  std::optional<std::int64_t> at_boot = {};  ///< std::nullopt if no valid value is set.
  std::optional<SourceLine> source = {};     ///< The line that sets it.
  std::string managed_by = {};  ///< The program that sets it: "systemd-sysctl", "kube-proxy".
  std::optional<std::int64_t> left = {};  ///< The value after a boot, if the line has no effect.
  std::optional<DriftReason> drift = {};
  std::optional<BootDoubt> doubt = {};  ///< Why it is unknown whether it drifts.
  bool judged = true;                   ///< False if this namespace is not the one that boots.
  std::string problem = {};             ///< What is wrong with the value, for kInvalidValue.
};

struct RunningKernel {
  std::vector<RunningSetting> settings;
  KernelTraits traits;
  bool boot_namespace = true;  ///< The boot files apply to this network namespace.
  bool buckets_read_only = false;
};

/// \brief  Compares the running values with those after the next boot, in the order of
///         `running.settings`.
///
/// A setting starts with its default. Then everything that writes it at boot is applied, in each
/// possible order. The result is known if all orders end with the same value, and if nothing that
/// is not understood may write after it. Otherwise there is a doubt.
[[nodiscard]] std::vector<SettingPersistence> ComparePersistence(const BootConfig& boot,
                                                                 const RunningKernel& running);

struct PersistenceReport {
  std::vector<SettingPersistence> settings;  ///< By name.
  std::vector<UnreadableFile> unreadable;
  bool boot_namespace = true;  ///< False if only global settings could be compared.
};

/// Returns why `root` has no boot files of this host; std::nullopt if it has. It has none if it is
/// "/" in a container, that is, outside the initial PID namespace of the host.
[[nodiscard]] std::optional<Error> CheckBootFiles(const KernelFiles& root, const KernelFiles& proc);

/// \brief  Compares every running sysctl nf_conntrack_* with the value that the boot files of the
///         host would set.
/// Source:  see ReadBootConfig() and ComparePersistence(). Boot files set timeouts and switches for
///          the network namespace of process 1: see IsInBootNamespace().
/// Errors:  kAbsent if connection tracking is not loaded; those of CheckBootFiles().
/// Threads and cost: any thread; some thousand system calls, so not for every scrape.
[[nodiscard]] Result<PersistenceReport> ReadPersistence(const KernelFiles& root,
                                                        const KernelFiles& proc,
                                                        const KernelFiles& sys);

}  // namespace conntrack::kernel
