#include "kernel/boot/boot_config.h"

#include <algorithm>
#include <utility>

#include "kernel/boot/modules.h"
#include "kernel/boot/udev_rules.h"
#include "kernel/proc/machine.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr const char* kSysctlConf = "/etc/sysctl.conf";

class Reader {
 public:
  Reader(const KernelFiles& root, const KernelFiles& proc, const KernelFiles& sys)
      : root_(root), sys_(sys) {
    if (const auto release = proc.Read("sys/kernel/osrelease")) release_ = Strip(*release);
    if (const auto text = proc.Read("cmdline")) command_line_ = ParseKernelCommandLine(*text);
    for (const auto* init : {"/usr/lib/systemd/systemd", "/lib/systemd/systemd"}) {
      systemd_ = systemd_ || root_.Resolve(init).has_value();
    }
  }

  BootConfig Read() {
    config_.module = ReadModuleKind();
    ReadSysctls();
    // The kernel takes sysctls from its command line since 5.8.
    const auto release = ParseKernelRelease(release_);
    if (!release || *release >= KernelRelease{5, 8}) config_.command_line = command_line_.sysctls;
    ReadHashSize();
    if (config_.module == ModuleKind::kLoadable) {
      config_.loaded_early = IsLoadedEarly();
      if (!config_.loaded_early) ReadRules();
    }
    return std::move(config_);
  }

 private:
  std::vector<ConfigFile> ReadFolders(std::string_view folder, std::string_view suffix) {
    auto found = ReadConfigFolders(root_, folder, suffix);
    std::move(found.unreadable.begin(), found.unreadable.end(),
              std::back_inserter(config_.unreadable));
    return std::move(found.files);
  }

  std::optional<std::string> ReadIfThere(const std::string& path) {
    auto text = root_.Read(path);
    if (text) return std::move(*text);
    if (text.error().kind != ErrorKind::kAbsent) config_.unreadable.push_back({path, text.error()});
    return std::nullopt;
  }

  [[nodiscard]] std::optional<std::string> ModuleFile(const std::string& name) {
    if (release_.empty()) return std::nullopt;
    for (const auto* folder : {"/usr/lib/modules/", "/lib/modules/"}) {
      if (auto text = ReadIfThere(folder + release_ + "/" + name)) return text;
    }
    return std::nullopt;
  }

  ModuleKind ReadModuleKind() {
    const auto module = sys_.List("module/nf_conntrack");
    if (module) {
      return std::find(module->begin(), module->end(), "initstate") == module->end()
                 ? ModuleKind::kBuiltin
                 : ModuleKind::kLoadable;
    }
    const auto builtin = ModuleFile("modules.builtin");
    if (!builtin) return ModuleKind::kUnknown;
    return IsConntrackBuiltin(*builtin) ? ModuleKind::kBuiltin : ModuleKind::kLoadable;
  }

  void ReadSysctls() {
    const auto conf = root_.Resolve(kSysctlConf);
    bool linked = false;
    for (const auto& file : ReadFolders("sysctl.d", ".conf")) {
      config_.plan.AddFile(file.path, file.text);
      linked = linked || (conf && root_.Resolve(file.path) == conf);
    }
    if (linked) return;
    if (const auto text = ReadIfThere(kSysctlConf)) {
      (systemd_ ? config_.unlinked : config_.plan).AddFile(kSysctlConf, *text);
    }
  }

  void ReadHashSize() {
    for (const auto& file : ReadFolders("modprobe.d", ".conf")) {
      for (const auto& line : ParseModprobeFile(file.text)) {
        if (line.module != "nf_conntrack") continue;
        if (line.command == ModprobeLine::Command::kInstall) {
          AddCommand(line.text, {file.path, line.line});
        } else if (const auto value = LastOption(line.text, "hashsize"); !value.empty()) {
          config_.hash_size = {std::string(value), {file.path, line.line}, false};
        }
      }
    }
    // kmod adds these after those of the files.
    if (command_line_.hash_size) {
      config_.hash_size = {*command_line_.hash_size, {"/proc/cmdline", 0}, true};
    }
  }

  bool IsLoadedEarly() {
    const auto dependencies = ModuleFile("modules.dep");
    const auto bringing =
        dependencies ? ConntrackDependents(*dependencies) : CommonConntrackDependents();
    const auto any = [&bringing](const std::vector<std::string>& names) {
      return std::ranges::any_of(
          names, [&](const auto& name) { return bringing.count(ModuleName(name)) != 0; });
    };
    bool early = any(command_line_.modules);
    for (const auto& file : ReadFolders("modules-load.d", ".conf")) {
      early = early || any(ParseModulesLoadFile(file.text));
    }
    if (systemd_ || early) return early;
    const auto modules = ReadIfThere("/etc/modules");
    return modules && any(ParseModulesLoadFile(*modules));
  }

  void ReadRules() {
    for (const auto& file : ReadFolders("udev/rules.d", ".rules")) {
      if (file.text.find("sysctl") == std::string::npos) continue;
      for (const auto& rule : ParseUdevRules(file.text)) {
        for (const auto& command : CommandsForConntrack(rule)) {
          AddCommand(command, {file.path, rule.line});
        }
      }
    }
  }

  void AddCommand(std::string_view text, const SourceLine& source) {
    auto command = ParseSysctlCommand(text);
    for (const auto& assignment : command.assignments) {
      const auto equals = assignment.find('=');
      config_.late.Add({NormalizeSysctlKey(std::string_view(assignment).substr(0, equals)),
                        assignment.substr(equals + 1), source});
    }
    if (command != SysctlCommand{}) config_.when_loaded.push_back(std::move(command));
  }

  RootFiles root_;
  KernelFiles sys_;
  std::string release_;
  KernelCommandLine command_line_;
  bool systemd_ = false;
  BootConfig config_;
};

}  // namespace

BootConfig ReadBootConfig(const KernelFiles& root, const KernelFiles& proc,
                          const KernelFiles& sys) {
  return Reader(root, proc, sys).Read();
}

}  // namespace conntrack::kernel
