#include "kernel/boot/tuned.h"

#include <algorithm>
#include <set>
#include <utility>

#include "kernel/boot/boot_scripts.h"
#include "kernel/boot/root_files.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr std::size_t kMostProfiles = 32;
constexpr const char* kMainFile = "/etc/tuned/tuned-main.conf";
constexpr const char* kActiveFile = "/etc/tuned/active_profile";

/// `key = value` in a section of a file.
struct TunedOption {
  std::string section;
  std::string key;
  std::string value;
  SourceLine source;
};

std::vector<TunedOption> ParseTunedFile(const std::string& path, std::string_view text) {
  std::vector<TunedOption> options;
  std::string section;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto line = TakeLine(text);
    line = Strip(line.substr(0, line.find(" #")));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
      continue;
    }
    const auto key = Strip(TakeUntil(line, '='));
    options.push_back({section, std::string(key), std::string(Strip(line)), {path, number}});
  }
  return options;
}

/// The value of the last option of this name.
std::string ValueOf(const std::vector<TunedOption>& options, std::string_view key) {
  const auto last = std::find_if(options.rbegin(), options.rend(),
                                 [&](const auto& option) { return option.key == key; });
  return last == options.rend() ? "" : last->value;
}

bool IsFalse(std::string_view value) {
  return value == "0" || value == "false" || value == "False" || value == "no" || value == "off";
}

class TunedProfiles {
 public:
  explicit TunedProfiles(const KernelFiles& root) : root_(root), files_(root) {}

  std::optional<BootWriter> Read(bool running) {
    const bool starts = running || IsStarted();
    for (const auto* file : {kActiveFile, "/etc/tuned/post_loaded_profile"}) {
      const auto text = files_.Read(file);
      if (!text && starts && (file == kActiveFile || text.error().kind != ErrorKind::kAbsent)) {
        Doubt({file, 0}, "it is unknown which profile tuned chooses");
      }
      auto names = text.value_or("");
      std::replace(names.begin(), names.end(), '\n', ' ');
      std::string_view rest = names;
      for (auto name = TakeWord(rest); !name.empty(); name = TakeWord(rest)) Load(name, {file, 0});
    }
    ReadMain();
    if (!starts) DoubtAll();
    const bool nothing =
        writer_.assignments.empty() && writer_.doubts.empty() && !writer_.reapplies_sysctl_files;
    if (nothing) return std::nullopt;
    return std::move(writer_);
  }

 private:
  [[nodiscard]] bool IsStarted() const {
    const auto wants = files_.List("/etc/systemd/system/multi-user.target.wants");
    const auto unit = files_.Resolve("/etc/systemd/system/tuned.service");
    const bool masked = unit && *unit == "dev/null";
    return wants && !masked && std::ranges::count(*wants, "tuned.service") != 0;
  }

  /// Whether the files of sysctl.d are applied after the profile: if it has sysctls at all.
  void ReadMain() {
    const auto text = files_.Read(kMainFile);
    const auto options = ParseTunedFile(kMainFile, text.value_or(""));
    writer_.reapplies_sysctl_files = has_sysctls_ && !IsFalse(ValueOf(options, "reapply_sysctl"));
    if (!ValueOf(options, "reapply_sysctl_exclude").empty()) {
      Doubt({kMainFile, 0}, "tuned applies only some files of sysctl.d again");
    }
  }

  void Load(std::string_view name, const SourceLine& source) {
    bool may_lack = TakePrefix(name, "-");
    if (loaded_.size() >= kMostProfiles) return Doubt(source, "tuned has too many profiles");
    if (name.find('$') != std::string_view::npos) {
      return Doubt(source, "the name of a profile has a variable");
    }
    for (const auto* folder :
         {"/etc/tuned/profiles/", "/etc/tuned/", "/usr/lib/tuned/profiles/", "/usr/lib/tuned/"}) {
      const auto own = std::string(folder).append(name);
      const auto path = own + "/tuned.conf";
      // One of /etc may include that of /usr/lib which it replaces.
      const bool again = loaded_.contains(path);
      may_lack = may_lack || again;
      if (again) continue;
      const auto text = files_.Read(path);
      if (text) {
        loaded_.insert(path);
        return Apply(own, ParseTunedFile(path, *text));
      }
      if (text.error().kind == ErrorKind::kDenied) return Doubt(source, text.error().message);
    }
    if (!may_lack) Doubt(source, "tuned's profile " + std::string(name) + " is missing");
  }

  void Apply(const std::string& folder, const std::vector<TunedOption>& options) {
    for (const auto& option : options) {
      if (option.section != "main" || option.key != "include") continue;
      auto names = option.value;
      std::replace(names.begin(), names.end(), ';', ',');
      for (std::string_view rest = names; !rest.empty();) {
        Load(Strip(TakeUntil(rest, ',')), option.source);
      }
    }
    for (const auto& option : options) {
      if (option.section == "sysctl") {
        has_sysctls_ = true;
        ApplySysctl(option, options);
      } else if (option.key == "script") {
        ApplyScript(folder, option);
      } else if (option.section != "main" && option.section != "variables") {
        // The plug-in modules, or one of sysctls by another name.
        has_sysctls_ = has_sysctls_ || (option.key == "type" && option.value == "sysctl");
        DoubtMention(option.source, option.key + " sysctl " + option.value);
      }
    }
  }

  void ApplySysctl(const TunedOption& option, const std::vector<TunedOption>& options) {
    auto key = NormalizeSysctlKey(option.key);
    if (key.find("conntrack") == std::string::npos) return;
    const bool is_plain = std::ranges::none_of(options, [](const auto& other) {
      constexpr std::string_view kChoices[] = {"enabled",     "replace", "drop",         "type",
                                               "uname_regex", "devices", "cpuinfo_regex"};
      return other.section == "sysctl" &&
             std::ranges::find(kChoices, other.key) != std::end(kChoices);
    });
    std::string_view value = option.value;
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    const bool at_least = TakePrefix(value, ">");
    if (!is_plain || value.find_first_of("$<{") != std::string_view::npos) {
      return DoubtMention(option.source, "sysctl " + key);
    }
    // A profile's value replaces that of one it includes.
    std::erase_if(writer_.assignments, [&](const auto& earlier) { return earlier.key == key; });
    writer_.assignments.push_back({std::move(key), std::string(value), option.source, at_least});
  }

  void ApplyScript(const std::string& folder, const TunedOption& option) {
    std::string_view path = option.value;
    (void)TakePrefix(path, "${i:PROFILE_DIR}/");
    const auto full = path.starts_with('/') ? std::string(path) : folder + "/" + std::string(path);
    const auto text = ReadScript(root_, full);
    if (!text) return Doubt(option.source, "tuned runs a script: " + text.error().message);
    DoubtMention({full, 0}, *text);
  }

  void DoubtMention(SourceLine source, std::string_view text) {
    auto mention = FindMention(text);
    if (!mention) return;
    if (mention->any || mention->applies_files) mention->settings.clear();
    writer_.doubts.push_back({std::move(source),
                              "tuned sets it by a script or a variable, or only on some machines",
                              std::move(mention->settings)});
  }

  void Doubt(SourceLine source, std::string reason) {
    writer_.doubts.push_back({std::move(source), std::move(reason), {}});
  }

  /// Turns assignments into doubts: nothing shows that tuned runs.
  void DoubtAll() {
    for (const auto& assignment : writer_.assignments) {
      writer_.doubts.push_back({assignment.source,
                                "tuned has this profile, but nothing shows that tuned is started",
                                {assignment.key.substr(assignment.key.rfind('/') + 1)}});
    }
    writer_.assignments.clear();
    writer_.reapplies_sysctl_files = false;
  }

  KernelFiles root_;
  RootFiles files_;
  BootWriter writer_{.manager = "tuned"};
  std::set<std::string> loaded_;  // by path
  bool has_sysctls_ = false;
};

}  // namespace

std::optional<BootWriter> ReadTuned(const KernelFiles& root, const ProcessSearch& services) {
  if (services.Find("openshift-tuned") != nullptr ||
      RootFiles(root).Resolve("/var/lib/ocp-tuned")) {
    return BootWriter{.manager = "tuned",
                      .doubts = {{{"process openshift-tuned", 0},
                                  "OpenShift's node tuning runs tuned in a container",
                                  {}}}};
  }
  return TunedProfiles(root).Read(services.Find("tuned") != nullptr);
}

}  // namespace conntrack::kernel
