#include "kernel/boot/boot_config.h"

#include <fnmatch.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "kernel/boot/boot_command.h"
#include "kernel/boot/boot_scripts.h"
#include "kernel/boot/kernel_command_line.h"
#include "kernel/boot/udev_rules.h"
#include "kernel/proc/machine.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr const char* kSysctlConf = "/etc/sysctl.conf";

/// Returns the settings that a text names; empty if it may set any.
std::vector<std::string> SettingsNamedIn(std::string_view text, MentionIn in = MentionIn::kScript) {
  const auto mention = FindMention(text, in);
  if (!mention || mention->any || mention->applies_files) return {};
  return mention->settings;
}

/// Returns whether the command may set a sysctl of connection tracking.
bool MaySet(const BootCommand& command, std::string_view text) {
  return std::ranges::any_of(command.calls, &SysctlCall::MaySetConntrack) ||
         (!command.understood && FindMention(text).has_value());
}

class Reader {
 public:
  Reader(const KernelFiles& root, const KernelFiles& proc, const KernelFiles& sys)
      : root_files_(root), root_(root), proc_(proc), sys_(sys) {
    release_text_ = Strip(proc.Read("sys/kernel/osrelease").value_or(""));
    if (const auto release = ParseKernelRelease(release_text_)) loads_.release = *release;
    loads_.command_line = ParseKernelCommandLine(proc.Read("cmdline").value_or(""));
    systemd_ = Strip(proc.Read("1/comm").value_or("")) == "systemd";
    for (const auto* init : {"/usr/lib/systemd/systemd", "/lib/systemd/systemd",
                             "/run/current-system/systemd/lib/systemd/systemd"}) {
      systemd_ = systemd_ || root_.Resolve(init).has_value();
    }
  }

  BootConfig Read() {
    config_.module = ReadModuleKind();
    ReadSysctls();
    ReadModprobe();
    if (config_.module != ModuleKind::kBuiltin) ReadFates();
    ReadRules();
    config_.late = ReadBootWriters(root_files_, proc_, sys_);
    config_.late.push_back({.manager = "udev", .doubts = std::move(other_rules_)});
    return std::move(config_);
  }

 private:
  std::vector<ConfigFile> ReadFolders(std::string_view folder, std::string_view suffix,
                                      std::vector<BootDoubt>& doubts) {
    auto found = ReadConfigFolders(root_, folder, suffix);
    for (auto& file : found.unreadable) AddUnreadable(std::move(file), doubts);
    const bool sets = folder == "sysctl.d";
    const auto in = sets ? MentionIn::kSettings : MentionIn::kScript;
    for (auto& [path, text] : found.files) {
      const bool matters = folder == "modules-load.d" || FindMention(text, in) ||
                           text.find("conntrack") != std::string::npos;
      if (!path.starts_with("/run/") || !matters) continue;
      doubts.push_back(
          {{path, 0}, "is gone at the next boot, unless something writes it again", {}});
      if (sets) doubts.back().settings = SettingsNamedIn(text, in);
      text.clear();
    }
    return std::move(found.files);
  }

  void AddUnreadable(UnreadableFile file, std::vector<BootDoubt>& doubts) {
    doubts.push_back(
        {{file.path, 0}, "cannot be read: " + file.reason.message, {}, "unreadable_file"});
    config_.unreadable.push_back(std::move(file));
  }

  std::optional<std::string> ReadIfThere(const std::string& path, std::vector<BootDoubt>& doubts) {
    auto text = root_.Read(path);
    if (text) return std::move(*text);
    if (text.error().kind != ErrorKind::kAbsent) AddUnreadable({path, text.error()}, doubts);
    return std::nullopt;
  }

  std::optional<std::string> ModuleFile(const std::string& name) {
    for (const auto* folder :
         {"/usr/lib/modules/", "/lib/modules/", "/run/booted-system/kernel-modules/lib/modules/"}) {
      if (auto text = ReadIfThere(folder + release_text_ + "/" + name, loads_.others)) return text;
    }
    return std::nullopt;
  }

  ModuleKind ReadModuleKind() {
    const auto builtin = ModuleFile("modules.builtin");
    if (const auto dep = ModuleFile("modules.dep")) {
      loads_.index.emplace(*dep, ModuleFile("modules.alias").value_or(""), builtin.value_or(""));
    }
    bool loadable = false;
    if (const auto module = sys_.List("module/nf_conntrack")) {
      loadable = std::ranges::find(*module, "initstate") != module->end();
    } else if (builtin) {
      loadable = !ModuleIndex({}, {}, *builtin).IsBuiltin(kConntrackModule);
    } else {
      return ModuleKind::kUnknown;
    }
    return loadable ? ModuleKind::kLoadable : ModuleKind::kBuiltin;
  }

  void ReadSysctls() {
    const auto conf = root_.Resolve(kSysctlConf);
    bool linked = false;
    sysctl_files_ = ReadFolders("sysctl.d", ".conf", config_.files_doubts);
    const auto is_there = [this](const char* path) { return root_.Resolve(path).has_value(); };
    if (!is_there("/usr/lib") && !is_there("/lib") && !is_there("/nix")) {
      config_.files_doubts.push_back(
          {{"/usr/lib", 0}, "is not there, and may have files", {}, "unreadable_file"});
    }
    DoubtIfReplaced("systemd-sysctl.service", "unknown_writer", config_.files_doubts);
    for (const auto& file : sysctl_files_) {
      config_.files.AddFile(file.path, file.text);
      linked = linked || (conf && root_.Resolve(file.path) == conf);
    }
    // Since 5.8, the kernel takes sysctls from its command line.
    if (!loads_.release || *loads_.release >= KernelRelease{5, 8}) {
      for (const auto& sysctl : loads_.command_line.sysctls) config_.command_line.Add(sysctl);
    }
    if (linked) return;
    std::vector<BootDoubt> not_read;
    if (const auto text = ReadIfThere(kSysctlConf, systemd_ ? not_read : config_.files_doubts)) {
      (systemd_ ? config_.unlinked : config_.files).AddFile(kSysctlConf, *text);
    }
  }

  /// A masked or replaced unit may not do what systemd's own does.
  void DoubtIfReplaced(const std::string& unit, std::string_view kind,
                       std::vector<BootDoubt>& doubts) {
    const auto path = "/etc/systemd/system/" + unit;
    const bool by_kernel =
        proc_.Read("cmdline").value_or("").find("systemd.mask=" + unit) != std::string::npos;
    if (!by_kernel && !root_.Resolve(path)) return;
    doubts.push_back({{by_kernel ? kCommandLine : path, 0}, "masks or replaces " + unit, {}, kind});
  }

  void ReadModprobe() {
    for (const auto& file : ReadFolders("modprobe.d", ".conf", loads_.refusals)) {
      for (auto& line : ParseModprobeFile(file.path, file.text)) {
        if (line.command == "options" && line.module == kConntrackModule) {
          AddOptions(line.text, line.source);
        }
        loads_.modprobe.push_back(std::move(line));
      }
    }
    // kmod adds these after the options of the files.
    for (const auto& option : loads_.command_line.options) {
      AddOptions(option, {kCommandLine, 0});
    }
    if (config_.module == ModuleKind::kBuiltin) return;
    for (const auto& line : loads_.modprobe) {
      if (line.command == "install") ReadInstall(line);
    }
    config_.when_loaded.push_back({kConntrackModule, "modprobe", {}, loads_.refusals});
  }

  void AddOptions(std::string_view text, const SourceLine& source) {
    std::ranges::move(ParseModuleOptions(text, source), std::back_inserter(config_.options));
  }

  /// Returns the modules that have sysctls of connection tracking.
  [[nodiscard]] std::vector<std::string> Owners() const {
    if (!config_.protocols_apart) return {kConntrackModule};
    return {kConntrackModule, kProtocolModules[0], kProtocolModules[1]};
  }

  void ReadInstall(const ModprobeLine& line) {
    const auto command = ParseBootCommand(line.text);
    bool is_ours = false;
    for (const std::string module : {kConntrackModule, kProtocolModules[0], kProtocolModules[1]}) {
      if (::fnmatch(line.module.c_str(), module.c_str(), 0) != 0) continue;
      if (!is_ours && loads_.InstallOf(module) == &line) {
        AddCommand(command, line.text, {module, "modprobe", {}, {}}, line.source);
        for (const auto& option : command.options) AddOptions(option, line.source);
      }
      is_ours = true;
    }
    if (!is_ours && MaySet(command, line.text)) {
      other_rules_.push_back({line.source, "it is unknown when " + line.module + " is loaded",
                              SettingsNamedIn(line.text)});
    }
  }

  void AddCommand(const BootCommand& command, std::string_view text, const LoadStep& step,
                  const SourceLine& source) {
    for (const auto& call : command.calls) {
      auto& added = config_.when_loaded.emplace_back(step);
      added.plan = PlanOf(call, source, added.doubts);
    }
    if (command.understood) return;
    config_.when_loaded.emplace_back(step).doubts = {
        {source, "a command that is not understood", SettingsNamedIn(text)}};
  }

  SysctlPlan PlanOf(const SysctlCall& call, const SourceLine& source,
                    std::vector<BootDoubt>& doubts) {
    SysctlPlan plan;
    const auto filter = call.Filter();
    if (call.all_files) {
      for (const auto& file : sysctl_files_) plan.AddFile(file.path, file.text, filter);
      doubts.insert(doubts.end(), config_.files_doubts.begin(), config_.files_doubts.end());
    }
    if (call.sysctl_conf) {
      plan.AddFile(kSysctlConf, ReadIfThere(kSysctlConf, doubts).value_or(""), filter);
    }
    for (const auto& name : call.files) {
      // Not names in sysctl.d, which systemd-sysctl accepts, nor files that are gone at the next
      // boot.
      const bool is_path = name.starts_with('/') && !name.starts_with("/run/");
      const auto text = root_.Read(name);
      if (is_path && text) {
        plan.AddFile(name, *text, filter);
      } else {
        doubts.push_back({source, name + " cannot be read", {}, "unreadable_file"});
      }
    }
    plan.LimitGlobs(call.prefixes);
    for (std::string_view value : call.assignments) {
      auto key = NormalizeSysctlKey(TakeUntil(value, '='));
      plan.Add({std::move(key), std::string(value), source});
    }
    return plan;
  }

  void ReadFates() {
    for (const auto& name : loads_.command_line.modules) {
      loads_.names.emplace_back(name, SourceLine{kCommandLine, 0});
    }
    for (const auto& file : ReadFolders("modules-load.d", ".conf", loads_.others)) {
      std::ranges::move(ParseModulesLoadFile(file.path, file.text),
                        std::back_inserter(loads_.names));
    }
    auto files = ReadFolders("dracut.conf.d", ".conf", loads_.others);
    for (const auto* path :
         {"/etc/initramfs-tools/modules", "/etc/dracut.conf", "/etc/mkinitcpio.conf"}) {
      if (auto text = ReadIfThere(path, loads_.others)) files.push_back({path, std::move(*text)});
    }
    for (auto& doubt : loads_.ReadInitramfs(files)) {
      config_.when_loaded.push_back({kConntrackModule, "modprobe", {}, {std::move(doubt)}});
    }
    loads_.ReadFirewalls(root_);
    if (!systemd_) {
      loads_.refusals.push_back(
          {{}, "no systemd: it is unknown when the module is loaded", {}, kUnknownLoad});
    }
    DoubtIfReplaced("systemd-modules-load.service", kUnknownLoad, loads_.refusals);
    loads_.holders = sys_.List("module/nf_conntrack/holders").value_or(loads_.holders);
    const bool sys_has = sys_.List(std::string("module/") + kProtocolModules[0]).has_value();
    config_.protocols_apart =
        sys_has || (loads_.index ? loads_.index->Has(kProtocolModules[0])
                                 : loads_.release && *loads_.release < kOneModule);
    for (const auto& module : Owners()) config_.fates[module] = loads_.FateOf(module);
  }

  void ReadRules() {
    LoadStep unreadable{kConntrackModule, "udev", {}, {}};
    std::vector<BootDoubt> replaced;
    for (const auto& file : ReadFolders("udev/rules.d", ".rules", unreadable.doubts)) {
      for (const auto& module : Owners()) {
        for (const auto& command : ParseUdevRules(file.text, module)) {
          const SourceLine source{file.path, command.line};
          TakeRule(command, module, source);
          if (command.replaces) {
            replaced.push_back({source, "a udev rule may replace what other rules run", {}});
          }
        }
      }
    }
    const bool runs = std::ranges::count(config_.when_loaded, "udev", &LoadStep::manager) > 0;
    if (runs) std::ranges::move(replaced, std::back_inserter(other_rules_));
    config_.when_loaded.push_back(std::move(unreadable));
  }

  void TakeRule(const UdevCommand& rule, const std::string& module, const SourceLine& source) {
    BootCommand command{.understood = false};
    // udev does not search PATH.
    if (rule.text.starts_with('/')) command = ParseBootCommand(WithoutProperties(rule.text));
    const bool may_set = MaySet(command, rule.text);
    if (rule.certain && (may_set || (rule.of_module && !command.understood))) {
      AddCommand(command, rule.text, {module, "udev", {}, {}}, source);
    } else if (may_set) {
      other_rules_.push_back(
          {source, "it is unknown when this udev rule runs", SettingsNamedIn(rule.text)});
    }
  }

  const KernelFiles root_files_;
  const RootFiles root_;
  const KernelFiles proc_;
  const KernelFiles sys_;
  std::string release_text_;
  bool systemd_ = false;
  ModuleLoads loads_;
  std::vector<ConfigFile> sysctl_files_;
  std::vector<BootDoubt> other_rules_;
  BootConfig config_;
};

}  // namespace

BootConfig ReadBootConfig(const KernelFiles& root, const KernelFiles& proc,
                          const KernelFiles& sys) {
  return Reader(root, proc, sys).Read();
}

}  // namespace conntrack::kernel
