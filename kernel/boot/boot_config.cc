#include "kernel/boot/boot_config.h"

#include <fnmatch.h>

#include <algorithm>
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
constexpr const char* kCommandLine = "/proc/cmdline";

/// The settings that a text names; none if it may set any.
std::vector<std::string> SettingsNamedIn(std::string_view text) {
  const auto mention = FindMention(text);
  if (!mention || mention->any || mention->applies_files) return {};
  return mention->settings;
}

/// Whether it may set a sysctl of connection tracking.
bool MaySet(const BootCommand& command, std::string_view text) {
  return std::ranges::any_of(command.calls, &SysctlCall::MaySetConntrack) ||
         (!command.understood && FindMention(text).has_value());
}

class Reader {
 public:
  Reader(const KernelFiles& root, const KernelFiles& proc, const KernelFiles& sys)
      : root_files_(root), root_(root), proc_(proc), sys_(sys) {
    if (const auto release = proc.Read("sys/kernel/osrelease")) release_text_ = Strip(*release);
    if (const auto release = ParseKernelRelease(release_text_)) loads_.release = *release;
    if (const auto text = proc.Read("cmdline")) loads_.command_line = ParseKernelCommandLine(*text);
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
    for (auto& [path, text] : found.files) {
      if (!path.starts_with("/run/")) continue;
      const bool sets = folder == "sysctl.d";
      const bool names = text.find("conntrack") != std::string::npos;
      if (!names && !FindMention(text) && folder != "modules-load.d") continue;
      doubts.push_back({{path, 0},
                        "is gone at the next boot, unless something writes it again",
                        sets ? SettingsNamedIn("sysctl\n" + text) : std::vector<std::string>{}});
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
    if (release_text_.empty()) return std::nullopt;
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
    const auto module = sys_.List("module/nf_conntrack");
    if (module) {
      return std::ranges::find(*module, "initstate") == module->end() ? ModuleKind::kBuiltin
                                                                      : ModuleKind::kLoadable;
    }
    if (!builtin) return ModuleKind::kUnknown;
    return ModuleIndex({}, {}, *builtin).IsBuiltin(kConntrackModule) ? ModuleKind::kBuiltin
                                                                     : ModuleKind::kLoadable;
  }

  void ReadSysctls() {
    const auto conf = root_.Resolve(kSysctlConf);
    bool linked = false;
    sysctl_files_ = ReadFolders("sysctl.d", ".conf", config_.files_doubts);
    for (const auto& file : sysctl_files_) {
      config_.files.AddFile(file.path, file.text);
      linked = linked || (conf && root_.Resolve(file.path) == conf);
    }
    // The kernel takes sysctls from its command line since 5.8.
    for (const auto& sysctl : loads_.command_line.sysctls) {
      if (loads_.release && *loads_.release < KernelRelease{5, 8}) break;
      config_.command_line.Add({sysctl.key, sysctl.value, {kCommandLine, 0}});
    }
    if (linked) return;
    std::vector<BootDoubt> not_read;
    if (const auto text = ReadIfThere(kSysctlConf, systemd_ ? not_read : config_.files_doubts)) {
      (systemd_ ? config_.unlinked : config_.files).AddFile(kSysctlConf, *text);
    }
  }

  void ReadModprobe() {
    for (const auto& file : ReadFolders("modprobe.d", ".conf", loads_.refusals)) {
      for (auto& line : ParseModprobeFile(file.text)) {
        SourceLine source{file.path, line.line};
        if (line.command == "options" && line.module == kConntrackModule) {
          AddOptions(line.text, source, false);
        }
        loads_.modprobe.emplace_back(std::move(line), std::move(source));
      }
    }
    // kmod adds these after those of the files.
    for (const auto& option : loads_.command_line.options) {
      AddOptions(option, {kCommandLine, 0}, true);
    }
    if (config_.module == ModuleKind::kBuiltin) return;
    for (const auto& line : loads_.modprobe) {
      if (line.first.command == "install") ReadInstall(line);
    }
    config_.when_loaded.push_back({kConntrackModule, "modprobe", {}, loads_.refusals});
  }

  void AddOptions(std::string_view text, const SourceLine& source, bool from_command_line) {
    for (auto word = TakeWord(text); !word.empty(); word = TakeWord(text)) {
      auto value = word;
      const auto name = TakeUntil(value, '=');
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      config_.options.push_back({std::string(name), std::string(value), source, from_command_line});
    }
  }

  /// Modules that have sysctls of connection tracking.
  [[nodiscard]] std::vector<std::string> Owners() const {
    std::vector<std::string> owners = {kConntrackModule};
    if (config_.protocols_apart) {
      owners.insert(owners.end(), std::begin(kProtocolModules), std::end(kProtocolModules));
    }
    return owners;
  }

  void ReadInstall(const std::pair<ModprobeLine, SourceLine>& install) {
    const auto& [line, source] = install;
    const auto command = ParseBootCommand(line.text);
    bool is_ours = false;
    for (const std::string module : {kConntrackModule, kProtocolModules[0], kProtocolModules[1]}) {
      if (::fnmatch(line.module.c_str(), module.c_str(), 0) != 0) continue;
      if (!is_ours && loads_.InstallOf(module) == &install) {
        AddCommand(command, line.text, {module, "modprobe", {}, {}}, source);
        for (const auto& option : command.options) AddOptions(option, source, false);
      }
      is_ours = true;
    }
    if (!is_ours && MaySet(command, line.text)) {
      other_rules_.push_back(
          {source, "it depends on when " + line.module + " is loaded", SettingsNamedIn(line.text)});
    }
  }

  void AddCommand(const BootCommand& command, std::string_view text, LoadStep step,
                  const SourceLine& source) {
    for (const auto& call : command.calls) {
      step.plan = PlanOf(call, source, step.doubts);
      config_.when_loaded.push_back(step);
      step.doubts.clear();
    }
    if (command.understood) return;
    step.plan = {};
    step.doubts = {{source, "a command that is not understood", SettingsNamedIn(text)}};
    config_.when_loaded.push_back(std::move(step));
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
      if (const auto text = root_.Read(kSysctlConf)) plan.AddFile(kSysctlConf, *text, filter);
    }
    for (const auto& name : call.files) {
      const auto known = std::ranges::find_if(sysctl_files_, [&](const auto& file) {
        return file.path == name || file.path.ends_with("/" + name);
      });
      if (known != sysctl_files_.end()) {
        plan.AddFile(known->path, known->text, filter);
      } else if (const auto text = root_.Read(name)) {
        plan.AddFile(name, *text, filter);
      } else {
        doubts.push_back({source, name + " cannot be read", {}, "unreadable_file"});
      }
    }
    plan.LimitGlobs(call.prefixes);
    for (const auto& assignment : call.assignments) {
      auto value = std::string_view(assignment);
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
      for (auto& [name, line] : ParseModulesLoadFile(file.text)) {
        loads_.names.emplace_back(std::move(name), SourceLine{file.path, line});
      }
    }
    ReadEarlyLoaders();
    loads_.holders = sys_.List("module/nf_conntrack/holders").value_or(loads_.holders);
    const bool sys_has = sys_.List(std::string("module/") + kProtocolModules[0]).has_value();
    config_.protocols_apart =
        sys_has || (loads_.index ? loads_.index->Has(kProtocolModules[0])
                                 : loads_.release && *loads_.release < kOneModule);
    for (const auto& module : Owners()) config_.fates[module] = loads_.FateOf(module);
  }

  /// What may load the module early beside modules-load.d.
  void ReadEarlyLoaders() {
    const auto doubt = [this](const std::string& file, std::size_t line, const char* reason) {
      loads_.others.push_back({{file, line}, reason, {}, kUnknownLoad});
    };
    if (!systemd_) {
      loads_.refusals.push_back(
          {{}, "no systemd: it is unknown when the module is loaded", {}, kUnknownLoad});
    }
    auto files = ReadFolders("dracut.conf.d", ".conf", loads_.others);
    for (const auto* path :
         {"/etc/initramfs-tools/modules", "/etc/dracut.conf", "/etc/mkinitcpio.conf"}) {
      if (auto text = ReadIfThere(path, loads_.others)) files.push_back({path, std::move(*text)});
    }
    for (const auto& file : files) {
      std::string_view rest = file.text;
      for (std::size_t number = 1; !rest.empty(); ++number) {
        const auto line = Strip(TakeLine(rest));
        const bool names = line.find("conntrack") != std::string_view::npos ||
                           line.find("nf_nat") != std::string_view::npos;
        if (names && !line.starts_with('#')) {
          doubt(file.path, number, "the initramfs may load the module");
          const bool gives = file.path.ends_with("/modules") && line.find('=') != line.npos;
          if (!gives) continue;
          config_.when_loaded.push_back({kConntrackModule, "modprobe", {}, {loads_.others.back()}});
        }
      }
    }
    if (std::ranges::any_of(loads_.command_line.initrd_modules, MayBringConntrack)) {
      doubt(kCommandLine, 0, "the initramfs may load the module");
    }
    // Firewalls that wait for no other unit but bring the module.
    for (const auto* unit : {"nftables", "netfilter-persistent", "ufw"}) {
      for (const auto* target : {"sysinit", "multi-user"}) {
        auto path = std::string("/etc/systemd/system/").append(target);
        path.append(".target.wants/").append(unit).append(".service");
        const auto text = root_.Read(path);
        const bool waits = !text || text->find("DefaultDependencies=no") == std::string::npos ||
                           text->find("systemd-sysctl.service") != std::string::npos;
        if (waits || (std::string_view(unit) == "ufw" && !IsUfwOn())) continue;
        doubt(path, 0, "this service may load the module before or after systemd-sysctl");
      }
    }
  }

  [[nodiscard]] bool IsUfwOn() const {
    return root_.Read("/etc/ufw/ufw.conf").value_or("").find("ENABLED=yes") != std::string::npos;
  }

  void ReadRules() {
    LoadStep unreadable{kConntrackModule, "udev", {}, {}};
    for (const auto& file : ReadFolders("udev/rules.d", ".rules", unreadable.doubts)) {
      const auto rules = ParseUdevRules(file.text);
      for (const auto& module : Owners()) {
        for (const auto& action : ActionsOf(rules, module)) {
          TakeAction(action, module, {file.path, action.line});
        }
      }
    }
    config_.when_loaded.push_back(std::move(unreadable));
  }

  void TakeAction(const UdevAction& action, const std::string& module, const SourceLine& source) {
    const auto& token = action.token;
    if (token.attribute == "builtin") return;
    const auto text = WithoutProperties(token.value);
    const bool replaces = token.operation != "+=" &&
                          std::ranges::find(config_.when_loaded, "udev", &LoadStep::manager) !=
                              config_.when_loaded.end();
    if (token.key == "RUN" && (replaces || final_rule_) && action.runs != UdevAction::Runs::kNot) {
      other_rules_.push_back({source, "a udev rule may replace what other rules run", {}});
    }
    final_rule_ = final_rule_ || (token.operation == ":=" && action.of_module);
    BootCommand command;
    if (token.key == "SYSCTL") {
      command.calls = {{.assignments = {token.attribute + "=" + text}}};
    } else if (token.key == "ATTR") {
      const bool of_ours = token.attribute == "parameters/hashsize" && action.of_module;
      if (of_ours && action.runs != UdevAction::Runs::kNot) {
        other_rules_.push_back(
            {source, "a udev rule sets a module parameter", {"nf_conntrack_buckets"}});
      }
      return;
    } else if (text.starts_with('/')) {
      command = ParseBootCommand(text);
    } else {
      // Not by PATH.
      std::string_view rest = text;
      const auto program = "/usr/lib/udev/" + std::string(TakeWord(rest));
      if (!root_.Resolve(program)) return;
      command.understood = false;
    }
    const bool may_set = MaySet(command, text);
    const bool certain = action.runs == UdevAction::Runs::kYes && token.key != "PROGRAM" &&
                         token.key != "IMPORT" && text == token.value;
    if (certain && (may_set || (action.of_module && !command.understood))) {
      AddCommand(command, text, {module, "udev", {}, {}}, source);
    } else if (may_set) {
      other_rules_.push_back(
          {source, "it is unknown when this udev rule runs", SettingsNamedIn(text)});
    }
  }

  const KernelFiles root_files_;
  const RootFiles root_;
  const KernelFiles proc_;
  const KernelFiles sys_;
  std::string release_text_;
  bool systemd_ = false;
  bool final_rule_ = false;  // a rule with RUN:=, after which no other adds to what is run
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
