// The files that set connection tracking up at boot, each read by every parser of them.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/boot/boot_scripts.h"
#include "kernel/boot/kernel_command_line.h"
#include "kernel/boot/modules.h"
#include "kernel/boot/persistence.h"
#include "kernel/boot/setting_values.h"
#include "kernel/boot/sysctl_config.h"
#include "kernel/boot/udev_rules.h"
#include "kernel/kube_proxy.h"
#include "kernel/place.h"

using namespace conntrack::
    kernel;  // NOLINT(google-build-using-namespace): a fuzz target is one function

namespace {

void ReadSysctls(std::string_view text, std::string_view command_line) {
  BootConfig boot;
  for (const auto& line : ParseSysctlFile("a", text)) {
    if (line.key.empty() || line.source.line == 0 || NormalizeSysctlKey("/" + line.key) != line.key)
      __builtin_trap();
  }
  boot.plan.AddFile("a", text);
  boot.command_line = ParseKernelCommandLine(command_line).sysctls;
  RunningKernel running;
  running.settings = {{"nf_conntrack_max", 262'144}, {"nf_conntrack_tcp_timeout_close", 10}};
  for (const auto& setting : ComparePersistence(boot, running)) {
    // What is said to drift by a file names the file.
    if (setting.drift && *setting.drift != DriftReason::kNotSet && !setting.source) {
      __builtin_trap();
    }
    if (setting.at_boot && *setting.at_boot < 0) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (size > 4096) return 0;  // matching many globs with many keys takes its time
  ReadSysctls(text, text);
  for (const auto& line : ParseModprobeFile(text)) (void)LastOption(line.text, "hashsize");
  (void)ParseModulesLoadFile(text);
  (void)ConntrackDependents(text);
  (void)IsConntrackBuiltin(text);
  (void)ParseSettingValue("nf_conntrack_max", text);
  for (const auto& rule : ParseUdevRules(text)) {
    for (const auto& command : CommandsForConntrack(rule)) {
      (void)ParseSysctlCommand(command).AppliesTo("net/netfilter/nf_conntrack_max", "/etc/x.conf");
    }
  }
  (void)ParseSysctlCommand(text);
  if (const auto mention = FindMention(text); mention && mention->line == 0) __builtin_trap();
  (void)ParseKubeProxyConfig(text);
  (void)FindMount(text, "/proc/sys/net/netfilter");
  return 0;
}
