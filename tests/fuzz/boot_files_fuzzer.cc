// The files that set connection tracking up at boot, each read by every parser of them.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/boot/boot_command.h"
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
  boot.files.AddFile("a", text);
  for (const auto& sysctl : ParseKernelCommandLine(command_line).sysctls) {
    boot.command_line.Add(sysctl);
  }
  RunningKernel running;
  running.settings = {
      {"nf_conntrack_max", 262'144, {"net/netfilter/nf_conntrack_max", "net/nf_conntrack_max"}},
      {"nf_conntrack_tcp_timeout_close", 10, {"net/netfilter/nf_conntrack_tcp_timeout_close"}}};
  for (const auto& setting : ComparePersistence(boot, running)) {
    // What is said to drift by a file names the file.
    if (setting.drift && *setting.drift != DriftReason::kNotSet && !setting.source) {
      __builtin_trap();
    }
    if (setting.at_boot && *setting.at_boot < 0) __builtin_trap();
    // It drifts, or not, or that is not known.
    if (setting.doubt && (setting.drift || setting.at_boot)) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (size > 4096) return 0;  // matching many globs with many keys takes its time
  ReadSysctls(text, text);
  for (const auto& line : ParseModprobeFile("a", text)) (void)ParseBootCommand(line.text);
  const ModuleIndex index(text, std::string(text), text);
  for (const auto& [name, line] : ParseModulesLoadFile("a", text)) (void)index.Named(name);
  (void)ParseSettingValue("nf_conntrack_max", text);
  for (const auto& command : ParseUdevRules(text, "nf_conntrack")) {
    (void)ParseBootCommand(WithoutProperties(command.text));
  }
  (void)ParseBootCommand(text);
  return 0;
}
