#include "kernel/boot/boot_scripts.h"

#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr off_t kLargestScript = 65'536;
constexpr std::size_t kMostFollowed = 256;

enum class ScriptKind {
  kPlain,
  kExecutable,  // Runs only if it is.
  kUnit,        // Of systemd: what is not run does not count.
  kPackaged,    // Of a distribution, whose `sysctl --system` is what boots without systemd.
  kCloudInit,   // What it does once for an instance does not count.
};

struct ScriptPlace {
  std::string_view manager;
  std::string_view path;  // of a folder with a slash at the end
  ScriptKind kind = ScriptKind::kPlain;
};

constexpr ScriptPlace kScriptPlaces[] = {
    {"rc.local", "/etc/rc.local", ScriptKind::kExecutable},
    {"rc.local", "/etc/rc.d/rc.local", ScriptKind::kExecutable},
    {"local.d", "/etc/local.d/", ScriptKind::kExecutable},
    {"init.d", "/etc/init.d/", ScriptKind::kPackaged},
    {"systemd", "/etc/systemd/system/", ScriptKind::kUnit},
    {"systemd", "/usr/lib/systemd/system/", ScriptKind::kPackaged},
    {"systemd-tmpfiles", "/etc/tmpfiles.d/"},
    {"systemd-tmpfiles", "/usr/lib/tmpfiles.d/"},
    {"ufw", "/etc/ufw/before.init", ScriptKind::kExecutable},
    {"ufw", "/etc/ufw/after.init", ScriptKind::kExecutable},
    {"cloud-init", "/etc/cloud/cloud.cfg", ScriptKind::kCloudInit},
    {"cloud-init", "/etc/cloud/cloud.cfg.d/", ScriptKind::kCloudInit},
    {"cloud-init", "/var/lib/cloud/instance/user-data.txt", ScriptKind::kCloudInit},
    {"cloud-init", "/var/lib/cloud/scripts/per-boot/", ScriptKind::kExecutable},
    {"ifupdown", "/etc/network/interfaces"},
    {"ifupdown", "/etc/network/interfaces.d/"},
    {"ifupdown", "/etc/network/if-pre-up.d/", ScriptKind::kExecutable},
    {"ifupdown", "/etc/network/if-up.d/", ScriptKind::kExecutable},
    {"NetworkManager", "/etc/NetworkManager/dispatcher.d/", ScriptKind::kExecutable},
    {"NetworkManager", "/usr/lib/NetworkManager/dispatcher.d/", ScriptKind::kExecutable},
    {"networkd-dispatcher", "/etc/networkd-dispatcher/routable.d/", ScriptKind::kExecutable},
    {"networkd-dispatcher", "/etc/networkd-dispatcher/configured.d/", ScriptKind::kExecutable},
    {"cron", "/etc/crontab"},
    {"cron", "/etc/cron.d/"},
    {"cron", "/etc/cron.hourly/", ScriptKind::kExecutable},
    {"libvirt", "/etc/libvirt/hooks/", ScriptKind::kExecutable},
};

bool Has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

bool IsNameCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Adds the settings that a line names.
void AddNames(std::string_view line, std::set<std::string>& names, bool& any) {
  constexpr std::string_view kConntrack = "_conntrack_";
  for (auto at = line.find(kConntrack); at != std::string_view::npos;
       at = line.find(kConntrack, at)) {
    at += kConntrack.size();
    const auto end = std::find_if_not(line.begin() + static_cast<std::ptrdiff_t>(at), line.end(),
                                      IsNameCharacter);
    const std::string name(line.begin() + static_cast<std::ptrdiff_t>(at), end);
    const bool goes_on = end != line.end() && Has("$*{[?%", {&*end, 1});
    any = any || goes_on;
    if (!name.empty() && !goes_on && name != "count") names.insert("nf_conntrack_" + name);
  }
  if (Has(line, "conntrack") && Has(line, "hashsize")) names.insert("nf_conntrack_buckets");
}

/// Whether a line names the folder of the settings, or a pattern in it.
bool NamesFolder(std::string_view line) {
  for (const std::string_view folder : {"net/netfilter", "net.netfilter"}) {
    const auto at = line.find(folder);
    if (at == std::string_view::npos) continue;
    line.remove_prefix(at + folder.size());
    const bool goes_on = line.starts_with('/') || line.starts_with('.');
    if (goes_on) line.remove_prefix(1);
    return line.empty() || !IsNameCharacter(line.front());
  }
  return false;
}

/// Whether a line applies files of sysctls.
bool AppliesFiles(std::string_view line) {
  if (Has(line, "systemd-sysctl") || (Has(line, "procps") && Has(line, "start"))) return true;
  const auto at = line.find("sysctl");
  if (at == std::string_view::npos) return false;
  auto words = line.substr(at, line.find_first_of(";|&", at) - at);
  for (auto word = TakeWord(words); !word.empty(); word = TakeWord(words)) {
    const bool is_short = word.size() > 1 && word[0] == '-' && word[1] != '-';
    if (word.starts_with("--system") || word.starts_with("--load") ||
        (is_short && word.find_first_of("pf") != std::string_view::npos)) {
      return true;
    }
  }
  return false;
}

bool IsDirectiveThatRunsNothing(std::string_view line) {
  const auto equals = line.find('=');
  return equals != std::string_view::npos && !line.starts_with("Exec") &&
         !line.starts_with("Environment") &&
         std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(equals),
                     IsNameCharacter);
}

/// A unit with empty lines in place of what runs nothing: After=systemd-sysctl.service.
std::string CommandsOfUnit(std::string_view text) {
  std::string commands;
  while (!text.empty()) {
    const auto line = TakeLine(text);
    if (!IsDirectiveThatRunsNothing(Strip(line))) commands += line;
    commands += '\n';
  }
  return commands;
}

class ScriptScan {
 public:
  explicit ScriptScan(const KernelFiles& root) : root_(root), files_(root) {}

  std::vector<BootWriter> Scan() {
    for (const auto& place : kScriptPlaces) {
      if (place.path.ends_with('/')) {
        ScanFolder(place, std::string(place.path));
      } else {
        ScanFile(place, std::string(place.path));
      }
    }
    return std::move(writers_);
  }

 private:
  void ScanFolder(const ScriptPlace& place, const std::string& folder) {
    const auto names = files_.List(folder);
    if (!names) return AddUnreadable(place, folder, names.error());
    for (const auto& name : *names) {
      const bool is_of_systemd = Has(place.path, "/systemd/");
      if (is_of_systemd && name.ends_with(".service.d")) {
        ScanFolder(place, folder + name + "/");
      } else if (!is_of_systemd || name.ends_with(".service") || name.ends_with(".conf")) {
        ScanFile(place, folder + name);
      }
    }
  }

  void ScanFile(const ScriptPlace& place, const std::string& path) {
    // The service of sysctl itself where there is no systemd.
    if (place.manager == "init.d" && (path.ends_with("/procps") || path.ends_with("sysctl")))
      return;
    if (place.kind == ScriptKind::kExecutable && !IsExecutable(path)) return;
    // One of the same name in /etc replaces it, if only to mask it.
    std::string_view below = path;
    if (TakePrefix(below, "/usr/lib/") && files_.Resolve("/etc/" + std::string(below))) return;
    auto text = ReadScript(root_, path);
    if (!text) return AddUnreadable(place, path, text.error());
    if (place.kind == ScriptKind::kCloudInit && !Has(*text, "bootcmd") && !Has(*text, "boothook")) {
      return;
    }
    if (place.kind == ScriptKind::kUnit) text = CommandsOfUnit(*text);
    AddMention(place, path, *text);
    if (place.kind != ScriptKind::kPackaged) Follow(place, *text);
  }

  /// Looks into the scripts that a text names.
  void Follow(const ScriptPlace& place, std::string_view text) {
    constexpr std::string_view kBetween = " \t\n\r\"'=;|&()<>";
    while (!text.empty() && followed_.size() < kMostFollowed) {
      const auto end = std::min(text.find_first_of(kBetween), text.size());
      auto word = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      // What systemd allows in front of a command.
      word.remove_prefix(std::min(word.find_first_not_of("-@+!:"), word.size()));
      if (!word.starts_with('/') || word.starts_with("/proc") || word.starts_with("/dev")) continue;
      const auto [path, is_new] = followed_.emplace(word);
      if (!is_new) continue;
      const auto script = ReadScript(root_, *path);
      if (script && script->starts_with("#!")) AddMention(place, *path, *script);
    }
  }

  void AddMention(const ScriptPlace& place, const std::string& path, std::string_view text) {
    auto mention = FindMention(text);
    if (!mention) return;
    if (mention->applies_files && place.kind != ScriptKind::kPackaged) {
      const auto& of_files = NamesInFiles();
      mention->settings.insert(mention->settings.end(), of_files.begin(), of_files.end());
    }
    if (mention->any) mention->settings.clear();
    if (mention->settings.empty() && !mention->any) return;
    Add(place.manager, {{path, mention->line},
                        std::string(place.manager) + " may set it",
                        std::move(mention->settings)});
  }

  void AddUnreadable(const ScriptPlace& place, const std::string& path, const Error& error) {
    // On many hosts only root may read these, for other reasons: the rest is judged there.
    const bool is_private = place.manager == "cron" || place.manager == "ifupdown" ||
                            place.kind == ScriptKind::kCloudInit;
    if (error.kind != ErrorKind::kDenied || is_private) return;
    Add(place.manager, {{path, 0}, error.message, {}});
  }

  void Add(std::string_view manager, BootDoubt doubt) {
    if (writers_.empty() || writers_.back().manager != manager) {
      writers_.push_back({.manager = std::string(manager)});
    }
    writers_.back().doubts.push_back(std::move(doubt));
  }

  /// What the files of sysctl.d and sysctl.conf set, for whoever applies them.
  const std::set<std::string>& NamesInFiles() {
    if (names_in_files_) return *names_in_files_;
    names_in_files_.emplace();
    auto texts = ReadConfigFolders(files_, "sysctl.d", ".conf").files;
    texts.push_back({"", files_.Read("/etc/sysctl.conf").value_or("")});
    bool any = false;
    for (const auto& [path, text] : texts) {
      for (const auto& assignment : ParseSysctlFile(path, text)) {
        AddNames(assignment.key, *names_in_files_, any);
      }
    }
    return *names_in_files_;
  }

  [[nodiscard]] bool IsExecutable(const std::string& path) const {
    struct stat status {};
    const auto resolved = files_.Resolve(path);
    return resolved && ::lstat((root_.root() / *resolved).c_str(), &status) == 0 &&
           (status.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
  }

  KernelFiles root_;
  RootFiles files_;
  std::set<std::string> followed_;
  std::optional<std::set<std::string>> names_in_files_;
  std::vector<BootWriter> writers_;
};

}  // namespace

std::optional<ScriptMention> FindMention(std::string_view text) {
  ScriptMention mention;
  std::set<std::string> names;
  bool writes = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = Strip(TakeLine(text));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    writes = writes || Has(line, "sysctl") || Has(line, "/proc/sys") || Has(line, "hashsize");
    const auto before = names.size();
    AddNames(line, names, mention.any);
    const bool applies = AppliesFiles(line);
    mention.any = mention.any || NamesFolder(line);
    mention.applies_files = mention.applies_files || applies;
    if (mention.line == 0 && (names.size() > before || mention.any || applies)) {
      mention.line = number;
    }
  }
  mention.settings.assign(names.begin(), names.end());
  if (mention.line == 0 || !(writes || mention.applies_files)) return std::nullopt;
  return mention;
}

Result<std::string> ReadScript(const KernelFiles& root, std::string_view path) {
  const RootFiles files(root);
  const auto resolved = files.Resolve(path);
  if (!resolved) return Fail(resolved.error());
  struct stat status {};
  if (::lstat((root.root() / *resolved).c_str(), &status) == 0 && status.st_size > kLargestScript) {
    return Fail(ErrorKind::kMalformed, std::string(path) + " is too large to read");
  }
  return files.Read(path);
}

std::vector<BootWriter> ReadBootScripts(const KernelFiles& root) { return ScriptScan(root).Scan(); }

}  // namespace conntrack::kernel
