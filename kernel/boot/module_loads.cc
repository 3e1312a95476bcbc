#include "kernel/boot/module_loads.h"

#include <fnmatch.h>

#include <algorithm>

#include "kernel/boot/boot_command.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

bool Matches(const std::string& pattern, const std::string& name) {
  return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace

bool MayBringConntrack(const std::string& name) {
  constexpr const char* kPatterns[] = {
      "*conntrack*", "nf_*",       "nft_*", "xt_*",         "ipt_*",  "ip6t_*",     "ip_vs*",
      "iptable_*",   "ip6table_*", "ebt*",  "br_netfilter", "act_ct", "openvswitch"};
  return std::ranges::any_of(kPatterns, [&](auto pattern) { return Matches(pattern, name); });
}

const ModprobeLine* ModuleLoads::InstallOf(const std::string& module) const {
  const auto found = std::ranges::find_if(modprobe, [&](const auto& known) {
    return known.command == "install" && Matches(known.module, module);
  });
  return found == modprobe.end() ? nullptr : &*found;
}

ModuleFate ModuleLoads::FateOf(const std::string& module) const {
  ModuleFate fate;
  for (const auto& [name, source] : names) {
    const auto brings = Brings(name, module);
    if (brings == true) fate = {true, {}};
    if (fate.early == true) break;
    if (!brings && fate.early) {
      auto reason = std::string("it is unknown whether ").append(name);
      reason.append(" loads ").append(module);
      fate = {std::nullopt, {source, reason, {}, kUnknownLoad}};
    }
  }
  // What prevents the module, or a module that it needs, from being loaded.
  auto needed = index ? index->NeedsOf(module) : std::vector<std::string>{};
  needed.push_back(module);
  auto doubts = refusals;
  for (const auto& need : needed) {
    if (Contains(command_line.forbidden, need)) return {};
    const auto* install = InstallOf(need);
    if (install == nullptr) continue;
    const auto command = ParseBootCommand(install->text);
    if (command.understood && !command.loads) return {};
    if (command.understood || fate.early != true) continue;
    doubts.push_back({install->source, "a command that is not understood", {}, kUnknownLoad});
  }
  if (fate.early != true) doubts.insert(doubts.end(), others.begin(), others.end());
  if (fate.early && !doubts.empty()) fate = {std::nullopt, doubts.front()};
  return fate;
}

/// Returns whether loading `name`, a module or alias, loads `module`.
std::optional<bool> ModuleLoads::Brings(const std::string& name, const std::string& module) const {
  for (const auto& line : modprobe) {
    const bool alias = line.command == "alias" && Matches(line.module, name);
    const bool soft = line.command == "softdep" && line.module == name &&
                      MayBringConntrack(line.text.substr(line.text.find(' ') + 1));
    if (alias || soft) return std::nullopt;
  }
  if (index) {
    return std::ranges::any_of(index->Named(name), [&](const auto& named) {
      return !IsDenied(named) && (named == module || Contains(index->NeedsOf(named), module));
    });
  }
  if (IsDenied(name)) return false;
  if (name == module) return true;
  if (Contains({std::begin(kProtocolModules), std::end(kProtocolModules)}, name) && release) {
    return *release < kOneModule && module == kConntrackModule;
  }
  // MODULE_ALIAS() of nf_conntrack_proto.c.
  const bool alias = Contains({"ip_conntrack", "nf_conntrack_2", "nf_conntrack_10"}, name);
  if (module == kConntrackModule && (alias || Contains(holders, name))) return true;
  if (MayBringConntrack(name)) return std::nullopt;
  return false;
}

std::vector<BootDoubt> ModuleLoads::ReadInitramfs(const std::vector<ConfigFile>& files) {
  constexpr const char* kReason = "the initramfs may load the module";
  std::vector<BootDoubt> parameters;
  for (const auto& [path, text] : files) {
    std::string_view rest = text;
    for (std::size_t number = 1; !rest.empty(); ++number) {
      const auto line = Strip(TakeLine(rest));
      const bool concerns = line.find("conntrack") != std::string_view::npos ||
                            line.find("nf_nat") != std::string_view::npos;
      if (!concerns || line.starts_with('#')) continue;
      others.push_back({{path, number}, kReason, {}, kUnknownLoad});
      // initramfs-tools passes them to modprobe.
      const bool gives = path.ends_with("/modules") && line.find('=') != std::string_view::npos;
      if (gives) parameters.push_back(others.back());
    }
  }
  if (std::ranges::any_of(command_line.initrd_modules, MayBringConntrack)) {
    others.push_back({{kCommandLine, 0}, kReason, {}, kUnknownLoad});
  }
  return parameters;
}

void ModuleLoads::ReadFirewalls(const RootFiles& root) {
  const auto has = [&root](const std::string& path, std::string_view words) {
    return root.Read(path).value_or("").find(words) != std::string::npos;
  };
  for (const std::string unit : {"nftables", "netfilter-persistent", "ufw"}) {
    if (unit == "ufw" && !has("/etc/ufw/ufw.conf", "ENABLED=yes")) continue;
    for (const std::string target : {"sysinit", "multi-user"}) {
      auto path = std::string("/etc/systemd/system/").append(target);
      path.append(".target.wants/").append(unit).append(".service");
      if (!has(path, "DefaultDependencies=no") || has(path, "systemd-sysctl.service")) continue;
      others.push_back({{path, 0},
                        "this service may load the module before or after systemd-sysctl",
                        {},
                        kUnknownLoad});
    }
  }
}

/// A denied module is not loaded by its name, but it is loaded as a dependency of another module.
bool ModuleLoads::IsDenied(const std::string& module) const {
  return Contains(command_line.deny_listed, module) || Contains(command_line.forbidden, module) ||
         std::ranges::any_of(modprobe, [&](const auto& known) {
           return known.command == "blacklist" && known.module == module;
         });
}

}  // namespace conntrack::kernel
