#include "exporter/commands/advise/files.h"

#include <array>

#include "exporter/commands/advise/json_document.h"
#include "exporter/commands/advise/kube_proxy_file.h"
#include "exporter/commands/advise/module_files.h"
#include "exporter/commands/advise/notrack_files.h"
#include "exporter/commands/advise/sysctl_file.h"

namespace conntrack::exporter::advise {
namespace {

constexpr std::string_view kSysctlPath = "/etc/sysctl.d/90-conntrack.conf";

constexpr std::array<AdviceFile, 8> kFiles = {{
    {Format::kSysctl, "sysctl.conf", kSysctlPath, SysctlFile},
    {Format::kModprobe, "modprobe.conf", "/etc/modprobe.d/conntrack.conf", ModprobeFile},
    {Format::kModulesLoad, "modules-load.conf", "/etc/modules-load.d/conntrack.conf",
     ModulesLoadFile},
    {Format::kUdev, "udev.rules", "/etc/udev/rules.d/90-conntrack.rules", UdevFile},
    {Format::kNftNotrack, "notrack.nft", "", NftNotrackFile},
    {Format::kIptablesNotrack, "notrack.iptables", "", IptablesNotrackFile},
    {Format::kKubernetes, "kube-proxy.yaml", "", KubeProxyFile},
    {Format::kJson, "advice.json", "", JsonDocument},
}};

/// As a shell takes it for one word.
std::string Quoted(const std::string& word) {
  const auto plain = word.find_first_not_of(
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+:@%,-");
  if (plain == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::span<const AdviceFile> AdviceFiles() { return kFiles; }

std::string InstallCommands(const Machine& machine, const Advice& advice, std::string_view folder) {
  std::string commands;
  const auto path = [folder](std::string_view name) {
    return Quoted(std::string(folder) + "/" + std::string(name));
  };
  for (const auto& file : kFiles) {
    const bool for_module = file.format != Format::kSysctl;
    if (file.installed_as.empty()) continue;
    if (for_module && machine.module == ModuleState::kBuiltIn) continue;
    commands += "install -m 0644 " + path(file.name) + " " + std::string(file.installed_as) + "\n";
  }
  if (machine.module == ModuleState::kNotLoaded) commands += "modprobe nf_conntrack\n";
  if (machine.module != ModuleState::kBuiltIn) commands += "udevadm control --reload\n";
  commands += "sysctl -p " + std::string(kSysctlPath) + "\n";
  if (!advice.notrack.empty()) {
    commands += "nft -c -f " + path("notrack.nft") + " && nft -f " + path("notrack.nft") + "\n";
  }
  return commands;
}

}  // namespace conntrack::exporter::advise
