#include "kernel/boot/boot_writers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "kernel/boot/boot_scripts.h"
#include "kernel/kube_proxy.h"
#include "kernel/place.h"
#include "kernel/proc/machine.h"
#include "kernel/proc/sysctl.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

/// Returns the last value of `name = value` lines, without quotes.
std::string ValueOf(std::string_view text, std::string_view name) {
  std::string value;
  while (!text.empty()) {
    auto line = TakeLine(text);
    if (Strip(TakeUntil(line, '=')) != name) continue;
    value = Unquoted(Strip(line.substr(0, line.find(" #"))));
  }
  return value;
}

/// Adds a line that sets connection tracking. If its key is a pattern, adds a doubt.
void AddLine(BootWriter& writer, SysctlAssignment line) {
  auto mention = FindMention(line.key, MentionIn::kSettings);
  if (!mention || !line.value) return;
  if (mention->any) {
    writer.doubts.push_back({line.source, "its name is a pattern or a variable", {}});
  } else {
    writer.assignments.push_back(std::move(line));
  }
}

/// ufw-init loads its rules, then runs `sysctl -p` on its own file.
BootWriter ReadUfw(const RootFiles& files) {
  BootWriter ufw{.manager = "ufw", .loads_module = true};
  const auto read = [&](const std::string& path) {
    auto text = files.Read(path);
    if (!text && text.error().kind != ErrorKind::kAbsent) {
      ufw.doubts.push_back({{path, 0}, text.error().message, {}});
    }
    return text.value_or("");
  };
  const auto enabled = ValueOf(read("/etc/ufw/ufw.conf"), "ENABLED");
  if (enabled != "yes" && enabled != "YES") return ufw;
  const auto path = ValueOf(read("/etc/default/ufw"), "IPT_SYSCTL");
  if (path.empty()) return ufw;
  if (!path.starts_with('/')) {
    ufw.doubts.push_back({{"/etc/default/ufw", 0}, "IPT_SYSCTL is not a path", {}});
  }
  for (auto& line : ParseSysctlFile(path, read(path))) AddLine(ufw, std::move(line));
  return ufw;
}

/// The profiles of tuned, merged like in tuned/profiles/merger.py: plain numbers in [sysctl].
/// Scripts, variables and conditions are doubts.
class Tuned {
 public:
  Tuned(const RootFiles& files, bool runs) : files_(files), starts_(runs || IsStarted()) {}

  BootWriter Read() {
    for (const std::string file : {"/etc/tuned/active_profile", "/etc/tuned/post_loaded_profile"}) {
      const auto text = files_.Read(file);
      const bool absent = !text && text.error().kind == ErrorKind::kAbsent;
      if (text) {
        LoadAll(*text, {file, 0});
      } else if (starts_ && !(absent && file.ends_with("post_loaded_profile"))) {
        Doubt({file, 0}, "the profile of tuned is unknown");
      }
    }
    ReadMain();
    if (starts_) return std::move(writer_);
    writer_.reapplies_sysctl_files = false;
    for (const auto& line : std::exchange(writer_.assignments, {})) {
      Doubt(line.source, "it is unknown whether tuned starts", {std::string(BaseName(line.key))});
    }
    return std::move(writer_);
  }

 private:
  [[nodiscard]] bool IsStarted() const {
    const auto wants = files_.List("/etc/systemd/system/multi-user.target.wants");
    const auto unit = files_.Resolve("/etc/systemd/system/tuned.service");
    const bool masked = unit && *unit == "dev/null";
    return wants && !masked && std::ranges::count(*wants, "tuned.service") != 0;
  }

  /// tuned applies the files of sysctl.d after a profile that has sysctls.
  void ReadMain() {
    constexpr const char* kMain = "/etc/tuned/tuned-main.conf";
    constexpr std::string_view kOff[] = {"0", "false", "False", "no", "off"};
    const auto text = files_.Read(kMain).value_or("");
    const bool off = std::ranges::count(kOff, ValueOf(text, "reapply_sysctl")) != 0;
    writer_.reapplies_sysctl_files = has_sysctls_ && !off;
    if (ValueOf(text, "reapply_sysctl_exclude").empty()) return;
    Doubt({kMain, 0}, "tuned applies only some files of sysctl.d");
  }

  /// Names are separated by blanks in active_profile, and by commas or semicolons in include=.
  void LoadAll(std::string names, const SourceLine& source) {
    std::ranges::replace_if(
        names, [](char c) { return c == ',' || c == ';' || c == '\n'; }, ' ');
    std::string_view rest = names;
    for (auto name = TakeWord(rest); !name.empty(); name = TakeWord(rest)) Load(name, source);
  }

  void Load(std::string_view name, const SourceLine& source) {
    bool may_be_absent = TakePrefix(name, "-");
    for (const auto* folder :
         {"/etc/tuned/profiles/", "/etc/tuned/", "/usr/lib/tuned/profiles/", "/usr/lib/tuned/"}) {
      const auto path = std::string(folder).append(name).append("/tuned.conf");
      // A profile in /etc may include the profile in /usr/lib that it replaces.
      if (loaded_.contains(path)) {
        may_be_absent = true;
        continue;
      }
      const auto text = files_.Read(path);
      if (!text && text.error().kind == ErrorKind::kAbsent) continue;
      if (!text) return Doubt(source, text.error().message);
      loaded_.insert(path);
      return Apply(path, *text);
    }
    if (!may_be_absent) Doubt(source, "tuned has no profile " + std::string(name));
  }

  void Apply(const std::string& path, std::string_view text) {
    std::vector<SysctlAssignment> own;
    std::string_view section;
    for (std::size_t number = 1; !text.empty(); ++number) {
      auto line = TakeLine(text);
      line = Strip(line.substr(0, line.find(" #")));
      if (line.empty() || line.front() == '#' || line.front() == ';') continue;
      const SourceLine source{path, number};
      auto rest = line;
      const auto key = Strip(TakeUntil(rest, '='));
      const auto value = Strip(rest);
      if (line.front() == '[') {
        section = line;
        has_sysctls_ = has_sysctls_ || section == "[sysctl]";
      } else if (section == "[main]") {
        if (key == "include") LoadAll(std::string(value), source);
      } else if (section == "[sysctl]") {
        own.push_back({std::string(key), std::string(value), source});
      } else if (key == "script") {
        Doubt(source, "tuned runs a script");
      } else if (section != "[variables]") {
        has_sysctls_ = has_sysctls_ || (key == "type" && value == "sysctl");
        DoubtMention(source, line);
      }
    }
    for (auto& line : own) AddSysctl(std::move(line));
  }

  /// The value of a profile replaces the value of a profile that it includes.
  void AddSysctl(SysctlAssignment line) {
    if (line.key.find_first_of("./") == std::string::npos) {
      return Doubt(line.source, "tuned's option " + line.key + " decides about its sysctls");
    }
    auto& value = *line.value;
    line.at_least = value.starts_with('>');
    if (line.at_least) value.erase(0, 1);
    if (!ParseNumber<std::int64_t>(value)) return DoubtMention(line.source, line.key);
    line.key = NormalizeSysctlKey(line.key);
    std::erase_if(writer_.assignments,
                  [&](const auto& earlier) { return earlier.key == line.key; });
    AddLine(writer_, std::move(line));
  }

  void DoubtMention(const SourceLine& source, std::string_view line) {
    auto mention = FindMention(line, MentionIn::kSettings);
    if (!mention) return;
    if (mention->any || mention->applies_files) mention->settings.clear();
    Doubt(source, "tuned sets it by a variable or on a condition", std::move(mention->settings));
  }

  void Doubt(const SourceLine& source, const std::string& reason,
             std::vector<std::string> settings = {}) {
    writer_.doubts.push_back({source, reason, std::move(settings)});
  }

  const RootFiles& files_;
  const bool starts_;
  BootWriter writer_{.manager = "tuned"};
  std::set<std::string> loaded_;  // by path
  bool has_sysctls_ = false;
};

/// Returns the seconds of a Go duration, "24h0m0s"; std::nullopt for fractions.
std::optional<std::int64_t> ParseGoDuration(std::string_view text) {
  if (text == "0") return 0;
  std::int64_t seconds = 0;
  while (!text.empty()) {
    const auto unit = std::min(text.find_first_not_of("0123456789"), text.size() - 1);
    const auto number = ParseNumber<std::int32_t>(text.substr(0, unit));
    const auto kind = std::string_view("smh").find(text[unit]);
    if (!number || kind == std::string_view::npos) return std::nullopt;
    constexpr std::int64_t kSeconds[] = {1, 60, 3600};
    seconds += *number * kSeconds[kind];
    text.remove_prefix(unit + 1);
  }
  return seconds;
}

constexpr std::string_view kMax = "nf_conntrack_max";
constexpr std::string_view kBuckets = "nf_conntrack_buckets";
constexpr std::string_view kLiberal = "nf_conntrack_tcp_be_liberal";

constexpr const char* kVersions =
    "kube-proxy 1.22 to 1.28 only raises settings, 1.36 and later only raises nf_conntrack_max, "
    "other versions set them";

/// The settings that kube-proxy writes when it starts. If its options are unknown, a setting that
/// runs with kube-proxy's default value is attributed to kube-proxy; the others are doubts.
class KubeProxyWriter {
 public:
  KubeProxyWriter(const KubeProxy& proxy, const KernelFiles& proc, const KernelFiles& sys)
      : proxy_(proxy), hidden_(!proxy.unknown.empty()), proc_(proc), sys_(sys) {
    // These are not defaults of any kernel. They show that kube-proxy sets its defaults.
    const bool has_sign = !proxy.source.empty();
    const bool its_timeouts_run =
        Runs(kKubeProxyTimeouts[0].setting, 86'400) && Runs(kKubeProxyTimeouts[1].setting, 3600);
    by_default_ = has_sign && its_timeouts_run;
    is_none_ = !has_sign && !its_timeouts_run;
  }

  std::vector<BootWriter> Write() {
    if (is_none_) return {};
    SetLimit();
    for (const auto& timeout : kKubeProxyTimeouts) {
      const auto seconds = ParseGoDuration(Option(timeout.flag, timeout.by_default));
      const auto values =
          seconds.value_or(0) > 0 ? std::array{*seconds, *seconds} : timeout.of_kernels;
      if (!seconds) {
        Doubt("--" + std::string(timeout.flag) + " is not understood", timeout.setting);
      } else if (IsUnknown(timeout.setting, values)) {
        Doubt(proxy_.unknown, timeout.setting);
      } else if (*seconds > 0) {
        // If this value runs, kube-proxy set it: a version that only raises would have left a
        // larger one.
        Add(sets_, timeout.setting, *seconds, !Runs(timeout.setting, *seconds));
      }
    }
    if (IsUnknown(kLiberal, {0, 0})) {
      Doubt(proxy_.unknown, kLiberal);
    } else if (Option("conntrack-tcp-be-liberal", "false") == "true") {
      Add(sets_, kLiberal, 1, false);
    }
    return {std::move(sets_), std::move(raises_)};
  }

 private:
  [[nodiscard]] bool Runs(std::string_view setting, std::int64_t value) const {
    const auto running = ReadSysctl(proc_, std::string(setting));
    return running && *running == value;
  }

  /// Returns whether it is unknown what kube-proxy does to a setting. `values` are the values that
  /// the setting has if kube-proxy's options are its defaults: the value that kube-proxy sets, or
  /// the defaults of different kernels if it leaves the setting unchanged.
  [[nodiscard]] bool IsUnknown(std::string_view setting,
                               const std::array<std::int64_t, 2>& values) const {
    const bool has_default = Runs(setting, values[0]) || Runs(setting, values[1]);
    return hidden_ && !(by_default_ && has_default);
  }

  [[nodiscard]] std::string_view Option(std::string_view flag, std::string_view by_default) const {
    const auto option = proxy_.options.find(flag);
    const bool is_set = !hidden_ && option != proxy_.options.end() && !option->second.empty();
    return is_set ? option->second : by_default;
  }

  /// Counts the CPUs that are online, or else present; 0 if unknown.
  [[nodiscard]] std::int64_t CountCpus() const {
    for (const auto* file : {"devices/system/cpu/online", "devices/system/cpu/present"}) {
      const auto cpus = ParseCpuList(Strip(sys_.Read(file).value_or("")));
      if (cpus && !cpus->empty()) return static_cast<std::int64_t>(cpus->size());
    }
    return 0;
  }

  void SetLimit() {
    constexpr std::int64_t kMost = 1'048'576;  // since 1.36, for any number of CPUs
    const auto per_core = ParseNumber<std::int32_t>(Option("conntrack-max-per-core", "32768"));
    const auto least = ParseNumber<std::int32_t>(Option("conntrack-min", "131072"));
    if (per_core && *per_core <= 0) return;
    const auto cpus = CountCpus();
    if (!per_core || !least || cpus == 0) {
      return DoubtLimit("the CPUs, or the numbers in kube-proxy's options, are not understood");
    }
    const auto scaled = *per_core * cpus;
    const auto limit = std::max(scaled, std::int64_t{*least});
    if (scaled > kMost) {
      DoubtLimit("kube-proxy sets more than 1048576 before 1.36 and not since");
    } else if (IsUnknown(kMax, {limit, limit})) {
      DoubtLimit(proxy_.unknown);
    } else {
      Add(sets_, kMax, limit, true);
      Add(raises_, kBuckets, limit / 4, true);
    }
  }

  void DoubtLimit(const std::string& reason) {
    Doubt(reason, kMax);
    Doubt(reason, kBuckets);
  }

  void Doubt(const std::string& reason, std::string_view setting) {
    sets_.doubts.push_back({{proxy_.source, 0}, reason, {std::string(setting)}});
  }

  void Add(BootWriter& writer, std::string_view setting, std::int64_t value, bool at_least) const {
    writer.assignments.push_back({"net/netfilter/" + std::string(setting),
                                  std::to_string(value),
                                  {proxy_.source, 0},
                                  at_least});
  }

  const KubeProxy& proxy_;
  const bool hidden_;  // the options are unknown
  const KernelFiles& proc_;
  const KernelFiles& sys_;
  bool by_default_ = false;
  bool is_none_ = false;  // there is no evidence of kube-proxy
  BootWriter sets_{.manager = "kube-proxy", .loads_module = true, .may_lower = kVersions};
  BootWriter raises_{.manager = "kube-proxy", .loads_module = true};
};

std::optional<KubeProxy> FindKubeProxy(const KernelFiles& root, const KernelFiles& proc,
                                       const ProcessSearch& services) {
  if (auto proxy = ReadKubeProxy(proc, services)) return proxy;
  if (services.complete) return std::nullopt;
  const auto kubernetes = ReadKubernetes(root, proc, services);
  if (!kubernetes) return KubeProxy{{}, {}, "kube-proxy's timeouts run, and it may run unseen"};
  if (!kubernetes->kubelet) return std::nullopt;
  return KubeProxy{kubernetes->sign, {}, "a Kubernetes node, on which kube-proxy may run unseen"};
}

}  // namespace

std::vector<BootWriter> ReadBootWriters(const KernelFiles& root, const KernelFiles& proc,
                                        const KernelFiles& sys) {
  const RootFiles files(root);
  const auto services = FindServices(proc);
  std::vector<BootWriter> writers;
  const auto doubt_service = [&](std::string_view process, const std::string& path,
                                 const char* manager, const char* reason,
                                 std::vector<std::string> settings) {
    if (services.Find(process) == nullptr && !files.Resolve(path)) return;
    writers.push_back({.manager = manager, .doubts = {{{path, 0}, reason, std::move(settings)}}});
  };
  writers.push_back(ReadUfw(files));
  std::ranges::move(ReadBootScripts(root), std::back_inserter(writers));
  writers.push_back(Tuned(files, services.Find("tuned") != nullptr).Read());
  doubt_service("openshift-tuned", "/var/lib/ocp-tuned", "tuned",
                "OpenShift's node tuning runs tuned in a container", {});
  doubt_service("pve-firewall", "/usr/sbin/pve-firewall", "pve-firewall",
                "Proxmox VE's firewall sets it if it is on",
                {std::string(kMax), std::string(kBuckets), "nf_conntrack_tcp_timeout_established",
                 "nf_conntrack_tcp_timeout_syn_recv"});
  if (const auto proxy = FindKubeProxy(root, proc, services)) {
    std::ranges::move(KubeProxyWriter(*proxy, proc, sys).Write(), std::back_inserter(writers));
  }
  std::erase_if(writers, [](const BootWriter& writer) {
    return writer.assignments.empty() && writer.doubts.empty() && !writer.reapplies_sysctl_files;
  });
  return writers;
}

}  // namespace conntrack::kernel
