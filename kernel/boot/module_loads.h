// Whether modules are loaded before the files of sysctl.d are applied.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "kernel/boot/kernel_command_line.h"
#include "kernel/boot/modules.h"
#include "kernel/boot/root_files.h"
#include "kernel/boot/sysctl_config.h"
#include "kernel/proc/machine.h"

namespace conntrack::kernel {

inline constexpr const char* kConntrackModule = "nf_conntrack";
/// These had the sysctls of TCP, UDP and ICMP until they became part of nf_conntrack.
inline constexpr const char* kProtocolModules[] = {"nf_conntrack_ipv4", "nf_conntrack_ipv6"};
inline constexpr KernelRelease kOneModule{4, 19};
/// The kind of a doubt about the time at which the module is loaded.
inline constexpr std::string_view kUnknownLoad = "unknown_load";

/// Whether a module is loaded before the files of sysctl.d are applied.
struct ModuleFate {
  std::optional<bool> early = false;  ///< std::nullopt if unknown; `doubt` has the reason.
  BootDoubt doubt = {};
};

/// Everything that decides whether modules are loaded at boot.
struct ModuleLoads {
  KernelCommandLine command_line;
  std::optional<KernelRelease> release;
  std::optional<ModuleIndex> index;  ///< std::nullopt if modules.dep cannot be read.
  std::vector<ModprobeLine> modprobe;
  std::vector<std::string> holders;  ///< Modules that currently use nf_conntrack.
  std::vector<NamedModule> names;    ///< Modules to be loaded early.
  std::vector<BootDoubt> refusals;   ///< Files that may prevent modules from being loaded.
  std::vector<BootDoubt> others;     ///< Other things that may load modules early, besides `names`.

  /// Returns the line that runs instead of loading a module; nullptr if there is none. Only the
  /// first one counts, as in kmod_module_get_install_commands().
  [[nodiscard]] const ModprobeLine* InstallOf(const std::string& module) const;

  [[nodiscard]] ModuleFate FateOf(const std::string& module) const;

  /// Adds to `others` what an initramfs may load, according to its configuration and the command
  /// line. Returns doubts for lines that also set parameters.
  [[nodiscard]] std::vector<BootDoubt> ReadInitramfs(const std::vector<ConfigFile>& files);
  /// Adds to `others` the firewalls that load the module and do not wait for other units.
  void ReadFirewalls(const RootFiles& root);

 private:
  [[nodiscard]] std::optional<bool> Brings(const std::string& name,
                                           const std::string& module) const;
  [[nodiscard]] bool IsDenied(const std::string& module) const;
};

/// Returns whether a module may need connection tracking, by its name.
[[nodiscard]] bool MayBringConntrack(const std::string& name);

}  // namespace conntrack::kernel
