#include "kernel/boot/boot_config.h"

#include <fnmatch.h>
#include <regex.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "kernel/boot/boot_command.h"
#include "kernel/boot/boot_scripts.h"
#include "kernel/boot/kernel_command_line.h"
#include "kernel/boot/modules.h"
#include "kernel/boot/udev_rules.h"
#include "kernel/proc/machine.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr const char* kSysctlConf = "/etc/sysctl.conf";
constexpr const char* kCommandLine = "/proc/cmdline";
// These had the sysctls of TCP, UDP and ICMP until they became a part of nf_conntrack.
constexpr const char* kProtocolModules[] = {"nf_conntrack_ipv4", "nf_conntrack_ipv6"};
constexpr KernelRelease kOneModule{4, 19};

bool StartsWithOne(std::string_view text, std::initializer_list<std::string_view> prefixes) {
  return std::ranges::any_of(prefixes, [text](auto prefix) { return text.starts_with(prefix); });
}

/// The lines of a call that count.
SysctlFilter FilterOf(const SysctlCall& call) {
  std::shared_ptr<regex_t> pattern;
  if (!call.pattern.empty()) {
    pattern = std::shared_ptr<regex_t>(new regex_t{}, [](regex_t* done) {
      ::regfree(done);
      delete done;
    });
    const bool valid =
        ::regcomp(pattern.get(), call.pattern.c_str(), REG_EXTENDED | REG_NOSUB) == 0;
    if (!valid) return [](auto, const auto&) { return false; };
  }
  return [pattern, prefixes = call.prefixes](std::string_view written, const std::string& key) {
    // systemd expands globs before it compares.
    if (key.find_first_of("*?[") == std::string::npos && !IsBelowOne(prefixes, key)) return false;
    return !pattern || ::regexec(pattern.get(), std::string(written).c_str(), 0, nullptr, 0) == 0;
  };
}

constexpr const char* kOfTheDevice = "OF_THE_DEVICE";

/// Puts a word where udev puts a property of the device: "$name", "%k", "$attr{x}".
std::string WithoutSubstitutions(std::string_view text) {
  std::string plain;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if ((c != '$' && c != '%') || text.empty()) {
      plain += c;
      continue;
    }
    const auto end = c == '%' ? 1 : text.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
    text.remove_prefix(std::min(end, text.size()));
    if (text.starts_with('{')) (void)TakeUntil(text, '}');
    plain += kOfTheDevice;
  }
  return plain;
}

bool IsOfConntrack(std::string_view key) { return key.find("conntrack") != std::string_view::npos; }

/// Whether it may set a sysctl of connection tracking.
bool MaySet(const SysctlCall& call) {
  if (std::ranges::any_of(call.assignments, IsOfConntrack)) return true;
  if (!call.all_files && !call.sysctl_conf && call.files.empty()) return false;
  return call.prefixes.empty() || std::ranges::any_of(call.prefixes, [](const auto& prefix) {
           const bool of_a_device =
               prefix.starts_with(std::string("net/netfilter/") + kOfTheDevice);
           return of_a_device || IsOfConntrack(prefix) || IsBelowOne({prefix}, "net/netfilter/x") ||
                  IsBelowOne({prefix}, "net/ipv4/netfilter/x");
         });
}

/// The settings that a text names; none if it may set any.
std::vector<std::string> SettingsNamedIn(std::string_view text) {
  const auto mention = FindMention(text);
  if (!mention || mention->any || mention->applies_files) return {};
  return mention->settings;
}

class Reader {
 public:
  Reader(const KernelFiles& root, const KernelFiles& proc, const KernelFiles& sys)
      : root_files_(root), root_(root), proc_(proc), sys_(sys) {
    if (const auto release = proc.Read("sys/kernel/osrelease")) release_text_ = Strip(*release);
    if (const auto release = ParseKernelRelease(release_text_)) release_ = *release;
    if (const auto text = proc.Read("cmdline")) command_line_ = ParseKernelCommandLine(*text);
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
      if (!IsOfConntrack(text) && !FindMention(text) && folder != "modules-load.d") continue;
      doubts.push_back({{path, 0},
                        "is gone at the next boot, unless written anew",
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
      if (auto text = ReadIfThere(folder + release_text_ + "/" + name, early_doubts_)) return text;
    }
    return std::nullopt;
  }

  ModuleKind ReadModuleKind() {
    const auto builtin = ModuleFile("modules.builtin");
    if (const auto dep = ModuleFile("modules.dep")) {
      index_.emplace(*dep, ModuleFile("modules.alias").value_or(""), builtin.value_or(""));
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
    for (const auto& sysctl : command_line_.sysctls) {
      if (release_ && *release_ < KernelRelease{5, 8}) break;
      config_.command_line.Add({sysctl.key, sysctl.value, {kCommandLine, 0}});
    }
    if (linked) return;
    std::vector<BootDoubt> not_read;
    sysctl_conf_ = ReadIfThere(kSysctlConf, systemd_ ? not_read : config_.files_doubts);
    if (sysctl_conf_) {
      (systemd_ ? config_.unlinked : config_.files).AddFile(kSysctlConf, *sysctl_conf_);
    }
  }

  void ReadModprobe() {
    for (const auto& file : ReadFolders("modprobe.d", ".conf", load_doubts_)) {
      for (auto& line : ParseModprobeFile(file.text)) {
        SourceLine source{file.path, line.line};
        if (line.command == "options" && line.module == kConntrackModule) {
          AddOptions(line.text, source, false);
        }
        modprobe_.emplace_back(std::move(line), std::move(source));
      }
    }
    // kmod adds these after those of the files.
    for (const auto& option : command_line_.options) AddOptions(option, {kCommandLine, 0}, true);
    for (const auto& [line, source] : modprobe_) {
      if (line.command == "install") ReadInstall(line, source);
    }
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

  void ReadInstall(const ModprobeLine& line, const SourceLine& source) {
    if (config_.module == ModuleKind::kBuiltin) return;
    const auto command = ParseBootCommand(line.text);
    bool is_ours = false;
    for (const std::string module : {kConntrackModule, kProtocolModules[0], kProtocolModules[1]}) {
      if (::fnmatch(line.module.c_str(), module.c_str(), 0) != 0) continue;
      if (!is_ours && InstallOf(module) == &line) {
        AddCommand(command, line.text, {module, "modprobe", {}, {}}, source);
        for (const auto& option : command.options) AddOptions(option, source, false);
      }
      is_ours = true;
    }
    if (is_ours) return;
    if (std::ranges::any_of(command.calls, MaySet) ||
        (!command.understood && FindMention(line.text).has_value())) {
      other_rules_.push_back(
          {source, "it depends on when " + line.module + " is loaded", SettingsNamedIn(line.text)});
    }
  }

  /// Only the first one counts, as in kmod_module_get_install_commands().
  [[nodiscard]] const ModprobeLine* InstallOf(const std::string& module) const {
    for (const auto& [line, source] : modprobe_) {
      if (line.command != "install") continue;
      if (::fnmatch(line.module.c_str(), module.c_str(), 0) == 0) return &line;
    }
    return nullptr;
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
    const auto filter = FilterOf(call);
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

  struct Name {
    std::string name;
    SourceLine source;
  };

  void ReadFates() {
    std::vector<Name> names;
    for (const auto& name : command_line_.modules) names.push_back({name, {kCommandLine, 0}});
    for (const auto& file : ReadFolders("modules-load.d", ".conf", early_doubts_)) {
      for (auto& [name, line] : ParseModulesLoadFile(file.text)) {
        names.push_back({std::move(name), {file.path, line}});
      }
    }
    ReadEarlyLoaders();
    const bool sys_has = sys_.List(std::string("module/") + kProtocolModules[0]).has_value();
    config_.protocols_apart =
        sys_has || (index_ ? index_->Has(kProtocolModules[0]) : release_ && *release_ < kOneModule);
    for (const auto& module : Owners()) config_.fates[module] = FateOf(module, names);
  }

  /// What may load the module early beside modules-load.d.
  void ReadEarlyLoaders() {
    const auto doubt = [this](const std::string& file, std::size_t line, const char* reason) {
      early_doubts_.push_back({{file, line}, reason, {}, kUnknownLoad});
    };
    if (!systemd_) doubt("", 0, "no systemd: when the module is loaded is not known");
    auto files = ReadFolders("dracut.conf.d", ".conf", early_doubts_);
    for (const auto* path :
         {"/etc/initramfs-tools/modules", "/etc/dracut.conf", "/etc/mkinitcpio.conf"}) {
      if (auto text = ReadIfThere(path, early_doubts_)) files.push_back({path, std::move(*text)});
    }
    for (const auto& file : files) {
      std::string_view rest = file.text;
      for (std::size_t number = 1; !rest.empty(); ++number) {
        const auto line = Strip(TakeLine(rest));
        const bool names = IsOfConntrack(line) || line.find("nf_nat") != std::string_view::npos;
        if (names && !line.starts_with('#')) {
          doubt(file.path, number, "the initramfs may load the module");
          const bool gives = file.path.ends_with("/modules") && line.find('=') != line.npos;
          if (gives) load_doubts_.push_back(early_doubts_.back());
        }
      }
    }
    if (std::ranges::any_of(command_line_.initrd_modules, MayBringConntrack)) {
      doubt(kCommandLine, 0, "the initramfs may load the module");
    }
    // Firewalls that wait for no other unit but bring the module.
    for (const auto* unit : {"nftables", "netfilter-persistent", "ufw"}) {
      for (const auto* target : {"sysinit", "multi-user"}) {
        const auto path =
            "/etc/systemd/system/" + std::string(target) + ".target.wants/" + unit + ".service";
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

  /// By its name, where modules.dep cannot be read.
  static bool MayBringConntrack(const std::string& name) {
    return IsOfConntrack(name) ||
           StartsWithOne(name, {"nf_", "nft_", "xt_", "ipt_", "ip6t_", "ip_vs", "iptable_",
                                "ip6table_", "ebt", "br_netfilter", "act_ct", "openvswitch"});
  }

  ModuleFate FateOf(const std::string& module, const std::vector<Name>& names) {
    ModuleFate fate;
    const auto doubt = [&fate](const SourceLine& source, const std::string& reason) {
      if (!fate.early) return;
      fate = {std::nullopt, {source, reason, {}, kUnknownLoad}};
    };
    for (const auto& [name, source] : names) {
      const auto brings = Brings(name, module);
      if (brings == true) fate = {true, {}};
      if (fate.early == true) break;
      if (!brings) doubt(source, "whether " + name + " loads " + module + " is not known");
    }
    // What keeps it, or something that it needs, from being loaded.
    auto needed = index_ ? index_->NeedsOf(module) : std::vector<std::string>{};
    needed.push_back(module);
    for (const auto& need : needed) {
      const auto* install = InstallOf(need);
      const auto command = install != nullptr ? ParseBootCommand(install->text) : BootCommand{};
      const bool refused = install != nullptr && command.understood && !command.loads;
      if (refused || Contains(command_line_.forbidden, need)) return {};
      if (fate.early == true && !command.understood) {
        doubt(SourceOf(*install), "a command that is not understood");
      }
    }
    auto doubts = load_doubts_;
    if (fate.early != true || !systemd_) {
      doubts.insert(doubts.end(), early_doubts_.begin(), early_doubts_.end());
    }
    if (fate.early && !doubts.empty()) fate = {std::nullopt, doubts.front()};
    return fate;
  }

  /// Whether loading what `name` stands for loads `module`.
  [[nodiscard]] std::optional<bool> Brings(const std::string& name,
                                           const std::string& module) const {
    for (const auto& [line, source] : modprobe_) {
      const bool alias =
          line.command == "alias" && ::fnmatch(line.module.c_str(), name.c_str(), 0) == 0;
      const bool soft = line.command == "softdep" && line.module == name &&
                        MayBringConntrack(line.text.substr(line.text.find(' ') + 1));
      if (alias || soft) return std::nullopt;
    }
    if (index_) {
      return std::ranges::any_of(index_->Named(name), [&](const auto& named) {
        return !IsDenied(named) && (named == module || Contains(index_->NeedsOf(named), module));
      });
    }
    if (IsDenied(name)) return false;
    if (name == module) return true;
    const bool of_protocols =
        Contains({std::begin(kProtocolModules), std::end(kProtocolModules)}, name);
    if (of_protocols && release_) return *release_ < kOneModule && module == kConntrackModule;
    if (module == kConntrackModule) {
      // MODULE_ALIAS() of nf_conntrack_proto.c.
      if (Contains({"ip_conntrack", "nf_conntrack_2", "nf_conntrack_10"}, name)) return true;
      const auto holders = sys_.List("module/nf_conntrack/holders");
      if (holders && Contains(*holders, name)) return true;
    }
    if (MayBringConntrack(name)) return std::nullopt;
    return false;
  }

  static bool Contains(const std::vector<std::string>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
  }

  [[nodiscard]] const SourceLine& SourceOf(const ModprobeLine& line) const {
    return std::ranges::find_if(modprobe_, [&](const auto& known) { return &known.first == &line; })
        ->second;
  }

  /// Not loaded by its own name, but still for what needs it.
  [[nodiscard]] bool IsDenied(const std::string& module) const {
    return Contains(command_line_.deny_listed, module) ||
           Contains(command_line_.forbidden, module) ||
           std::ranges::any_of(modprobe_, [&](const auto& known) {
             return known.first.command == "blacklist" && known.first.module == module;
           });
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
    if (config_.module != ModuleKind::kBuiltin) {
      unreadable.doubts.insert(unreadable.doubts.end(), load_doubts_.begin(), load_doubts_.end());
    }
    config_.when_loaded.push_back(std::move(unreadable));
  }

  void TakeAction(const UdevAction& action, const std::string& module, const SourceLine& source) {
    const auto& token = action.token;
    if (token.attribute == "builtin") return;
    const auto text = WithoutSubstitutions(token.value);
    BootCommand command;
    if (token.key == "SYSCTL") {
      command.calls = {{.assignments = {token.attribute + "=" + text}}};
    } else if (token.key == "ATTR") {
      const bool of_ours = token.attribute == "parameters/hashsize" && action.of_module;
      if (of_ours && action.runs != UdevAction::Runs::kNot) {
        other_rules_.push_back({source, "a rule sets a parameter", {"nf_conntrack_buckets"}});
      }
      return;
    } else {
      command = ParseBootCommand(text);
    }
    const bool replaces = token.operation != "+=" &&
                          std::ranges::find(config_.when_loaded, "udev", &LoadStep::manager) !=
                              config_.when_loaded.end();
    if (token.key == "RUN" && (replaces || final_rule_) && action.runs != UdevAction::Runs::kNot) {
      other_rules_.push_back({source, "a rule may replace what other rules run", {}});
    }
    final_rule_ = final_rule_ || (token.operation == ":=" && action.of_module);
    const bool sets = std::ranges::any_of(command.calls, MaySet);
    const bool may_set = sets || (!command.understood && FindMention(text).has_value());
    const bool certain = action.runs == UdevAction::Runs::kYes && token.key != "PROGRAM" &&
                         token.key != "IMPORT" && text == token.value;
    if (certain && (may_set || (action.of_module && !command.understood))) {
      AddCommand(command, text, {module, "udev", {}, {}}, source);
    } else if (may_set) {
      other_rules_.push_back({source, "when this rule runs is not known", SettingsNamedIn(text)});
    }
  }

  const KernelFiles root_files_;
  const RootFiles root_;
  const KernelFiles proc_;
  const KernelFiles sys_;
  std::string release_text_;
  std::optional<KernelRelease> release_;
  KernelCommandLine command_line_;
  bool systemd_ = false;
  bool final_rule_ = false;  // a rule with RUN:=, after which no other adds to what is run
  std::optional<ModuleIndex> index_;
  std::vector<ConfigFile> sysctl_files_;
  std::optional<std::string> sysctl_conf_;
  std::vector<std::pair<ModprobeLine, SourceLine>> modprobe_;
  std::vector<BootDoubt> early_doubts_;
  std::vector<BootDoubt> load_doubts_;
  std::vector<BootDoubt> other_rules_;
  BootConfig config_;
};

}  // namespace

BootConfig ReadBootConfig(const KernelFiles& root, const KernelFiles& proc,
                          const KernelFiles& sys) {
  return Reader(root, proc, sys).Read();
}

}  // namespace conntrack::kernel
