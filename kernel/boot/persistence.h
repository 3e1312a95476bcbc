// Whether the running settings survive a boot.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/boot/boot_config.h"
#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

/// Why a setting will change at the next boot, or differs from what a file says.
enum class DriftReason {
  kValueDiffers,      ///< A file sets another value than is running.
  kBeforeModule,      ///< A file sets it before the module is loaded.
  kNotAppliedAtBoot,  ///< A file sets it that nothing reads at boot.
  kInvalidValue,      ///< A file sets it to what the kernel rejects.
  kNotSet,            ///< No file sets it, and the running value is no default of any kernel.
};

/// The reason as the word of the label: "before_module".
[[nodiscard]] std::string_view ToString(DriftReason reason);

struct RunningSetting {
  std::string name;  ///< As in the kernel: "nf_conntrack_max".
  std::int64_t value = 0;
};

struct SettingPersistence {
  std::string name;
  std::int64_t running = 0;
  std::optional<std::int64_t> at_boot;  ///< What the files set; none if they do not, or nonsense.
  std::optional<SourceLine> source;     ///< The line that sets it.
  std::optional<DriftReason> drift;
  bool judged = true;   ///< False if this namespace is not the one that boots.
  std::string problem;  ///< What is wrong with the value, of kInvalidValue.
};

struct RunningKernel {
  std::vector<RunningSetting> settings;
  bool boot_namespace = true;       ///< This is the network namespace that the boot files are for.
  std::int64_t buckets_step = 512;  ///< The hash table is rounded up to whole pages of buckets.
};

/// \brief  Compares the running values with what the files would set, in the order of
///         `running.settings`. A module given a hash size makes its limit 8 times that. No drift in
///         doubt: if any kernel might have the value by default, or a file could not be read.
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
///          the network namespace of process 1. It is ours if net.nf_conntrack_max exists, or
///          /proc/1/ns/net is ours, or the files of /proc/1/net are if that link cannot be read.
/// Errors:  kAbsent if connection tracking is not loaded; those of CheckBootFiles().
/// Threads and cost: any thread; some hundreds of system calls: not for every scrape.
[[nodiscard]] Result<PersistenceReport> ReadPersistence(const KernelFiles& root,
                                                        const KernelFiles& proc,
                                                        const KernelFiles& sys);

}  // namespace conntrack::kernel
