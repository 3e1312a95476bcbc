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
/// These had the sysctls of TCP, UDP and ICMP until they became a part of nf_conntrack.
inline constexpr const char* kProtocolModules[] = {"nf_conntrack_ipv4", "nf_conntrack_ipv6"};
inline constexpr KernelRelease kOneModule{4, 19};
/// Whether a doubt is about the moment at which the module is loaded.
inline constexpr std::string_view kUnknownLoad = "unknown_load";

/// Whether a module is loaded before the files of sysctl.d are applied.
struct ModuleFate {
  std::optional<bool> early = false;  ///< Nothing if unknown: `doubt` says why.
  BootDoubt doubt = {};
};

/// All that decides about the loading of modules at boot.
struct ModuleLoads {
  KernelCommandLine command_line;
  std::optional<KernelRelease> release;
  std::optional<ModuleIndex> index;  ///< Nothing where modules.dep cannot be read.
  std::vector<ModprobeLine> modprobe;
  std::vector<std::string> holders;  ///< Modules that use nf_conntrack now.
  std::vector<NamedModule> names;    ///< To be loaded early.
  std::vector<BootDoubt> refusals;   ///< Files that may keep modules from being loaded.
  std::vector<BootDoubt> others;     ///< What may load modules early beside `names`.

  /// The line that runs instead of loading a module; null if there is none. Only the first one
  /// counts, as in kmod_module_get_install_commands().
  [[nodiscard]] const ModprobeLine* InstallOf(const std::string& module) const;

  [[nodiscard]] ModuleFate FateOf(const std::string& module) const;

  /// Adds to `others` what an initramfs may load, by its configuration and the command line. Yields
  /// doubts for lines that give parameters as well.
  [[nodiscard]] std::vector<BootDoubt> ReadInitramfs(const std::vector<ConfigFile>& files);
  /// Adds to `others` firewalls that load the module and do not wait for other units.
  void ReadFirewalls(const RootFiles& root);

 private:
  [[nodiscard]] std::optional<bool> Brings(const std::string& name,
                                           const std::string& module) const;
  [[nodiscard]] bool IsDenied(const std::string& module) const;
};

/// Whether a module may need connection tracking, by its name.
[[nodiscard]] bool MayBringConntrack(const std::string& name);

}  // namespace conntrack::kernel
