#include "kernel/boot/boot_scripts.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <set>
#include <utility>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr std::uintmax_t kLargestFollowed = 65'536;  // programs are larger than scripts

struct ScriptPlace {
  std::string_view manager;
  std::string_view path;  // a folder ends with a slash
};

constexpr ScriptPlace kScriptPlaces[] = {
    {"rc.local", "/etc/rc.local"},
    {"rc.local", "/etc/rc.d/rc.local"},
    {"local.d", "/etc/local.d/"},
    {"init.d", "/etc/init.d/"},
    {"systemd", "/etc/systemd/system/"},
    {"systemd", "/usr/lib/systemd/system/"},
    {"systemd-tmpfiles", "/etc/tmpfiles.d/"},
    {"systemd-tmpfiles", "/usr/lib/tmpfiles.d/"},
    {"ufw", "/etc/ufw/before.init"},
    {"ufw", "/etc/ufw/after.init"},
    {"cloud-init", "/etc/cloud/cloud.cfg"},
    {"cloud-init", "/etc/cloud/cloud.cfg.d/"},
    {"cloud-init", "/var/lib/cloud/instance/user-data.txt"},
    {"cloud-init", "/var/lib/cloud/scripts/per-boot/"},
    {"ifupdown", "/etc/network/interfaces"},
    {"ifupdown", "/etc/network/interfaces.d/"},
    {"ifupdown", "/etc/network/if-pre-up.d/"},
    {"ifupdown", "/etc/network/if-up.d/"},
    {"NetworkManager", "/etc/NetworkManager/dispatcher.d/"},
    {"NetworkManager", "/usr/lib/NetworkManager/dispatcher.d/"},
    {"networkd-dispatcher", "/etc/networkd-dispatcher/routable.d/"},
    {"networkd-dispatcher", "/etc/networkd-dispatcher/configured.d/"},
    {"cron", "/etc/crontab"},
    {"cron", "/etc/cron.d/"},
    {"cron", "/etc/cron.hourly/"},
    {"libvirt", "/etc/libvirt/hooks/"},
};

bool Has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

bool IsNameCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Calls `use` with the text after each `word` in a line.
template <typename Use>
void AfterEach(std::string_view line, std::string_view word, const Use& use) {
  for (auto at = line.find(word); at != std::string_view::npos; at = line.find(word, at)) {
    at += word.size();
    use(line.substr(at));
  }
}

/// Adds the settings that a line names. Sets `any` for a pattern, a variable or the folder itself.
void AddNames(std::string_view line, std::set<std::string>& names, bool& any) {
  AfterEach(line, "_conntrack", [&](std::string_view rest) {
    const auto end = std::ranges::find_if_not(rest, IsNameCharacter);
    const std::string name(rest.begin(), end);
    const bool goes_on = end != rest.end() && Has("$*{[?%", {&*end, 1});
    any = any || goes_on;
    if (!goes_on && name.size() > 1 && name[0] == '_' && name != "_count") {
      names.insert("nf_conntrack" + name);
    }
  });
  for (const std::string_view folder : {"net/netfilter", "net.netfilter"}) {
    AfterEach(line, folder, [&](std::string_view rest) {
      rest.remove_prefix(std::min(rest.find_first_not_of("/."), rest.size()));
      any = any || rest.empty() || !IsNameCharacter(rest.front());
    });
  }
  if (Has(line, "conntrack") && Has(line, "hashsize")) names.insert("nf_conntrack_buckets");
}

/// Returns whether a line applies files of sysctls.
bool AppliesFiles(std::string_view line) {
  if (Has(line, "systemd-sysctl") || (Has(line, "procps") && Has(line, "start"))) return true;
  const auto at = line.find("sysctl");
  if (at == std::string_view::npos) return false;
  auto words = line.substr(at, line.find_first_of(";|&", at) - at);
  for (auto word = TakeWord(words); !word.empty(); word = TakeWord(words)) {
    if (word.starts_with("--system") || word.starts_with("--load")) return true;
    const bool is_short = word.starts_with('-') && !word.starts_with("--");
    if (is_short && word.find_first_of("pf") != std::string_view::npos) return true;
  }
  return false;
}

/// Returns whether a line of a unit runs nothing: After=systemd-sysctl.service.
bool RunsNothing(std::string_view line) {
  const auto end = std::ranges::find_if_not(line, IsNameCharacter);
  return end != line.end() && *end == '=' && !line.starts_with("Exec") &&
         !line.starts_with("Environment");
}

class ScriptScan {
 public:
  explicit ScriptScan(const KernelFiles& root) : root_(root), files_(root) {}

  std::vector<BootWriter> Scan() {
    std::string sysctls;
    for (const auto& file : ReadConfigFolders(files_, "sysctl.d", ".conf").files) {
      sysctls += file.text + "\n";
    }
    sysctls += files_.Read("/etc/sysctl.conf").value_or("");
    in_files_ = FindMention(sysctls, MentionIn::kSettings).value_or(ScriptMention{});
    for (const auto& place : kScriptPlaces) {
      const std::string path(place.path);
      if (path.ends_with('/')) {
        ScanFolder(place.manager, path);
      } else {
        ScanFile(place.manager, path);
      }
    }
    return std::move(writers_);
  }

 private:
  void ScanFolder(std::string_view manager, const std::string& folder) {
    const auto names = files_.List(folder);
    if (!names) return AddUnreadable(manager, folder, names.error());
    for (const auto& name : *names) {
      if (manager == "systemd" && name.ends_with(".service.d")) {
        ScanFolder(manager, folder + name + "/");
      } else if (manager != "systemd" || name.ends_with(".service") || name.ends_with(".conf")) {
        ScanFile(manager, folder + name);
      }
    }
  }

  void ScanFile(std::string_view manager, const std::string& path) {
    // A file of the same name in /etc replaces or masks it.
    std::string_view below = path;
    if (TakePrefix(below, "/usr/lib/") && files_.Resolve("/etc/" + std::string(below))) return;
    const auto text = files_.Read(path);
    if (!text) return AddUnreadable(manager, path, text.error());
    const bool is_script = text->starts_with("#!");
    if (is_script && !IsExecutable(path)) return;
    // The other modules of cloud-init run once per instance.
    const bool runs_once = !is_script && !Has(*text, "bootcmd") && !Has(*text, "boothook");
    if (manager == "cloud-init" && runs_once) return;
    // Scripts of distributions apply the files of sysctl.d only on systems without systemd.
    const bool packaged = manager == "init.d" || path.starts_with("/usr/");
    const auto in = manager == "systemd" ? MentionIn::kUnit : MentionIn::kScript;
    AddMention(manager, path, FindMention(*text, in), packaged);
    if (!packaged) Follow(manager, *text);
  }

  /// Reads the scripts and sysctl files that a text names.
  void Follow(std::string_view manager, std::string_view text) {
    constexpr std::string_view kBetween = " \t\n\r\"'=;|&()<>";
    while (!text.empty()) {
      const auto end = std::min(text.find_first_of(kBetween), text.size());
      auto word = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      // Prefixes that systemd allows before a command.
      word.remove_prefix(std::min(word.find_first_not_of("-@+!:"), word.size()));
      if (!word.starts_with('/') || word.starts_with("/proc") || word.starts_with("/dev")) continue;
      const auto [path, is_new] = followed_.emplace(word);
      if (!is_new || !IsSmall(*path)) continue;
      const auto content = files_.Read(*path).value_or("");
      if (Has(content, std::string_view("\0", 1))) continue;  // it is a program
      const auto in = content.starts_with("#!") ? MentionIn::kScript : MentionIn::kSettings;
      AddMention(manager, *path, FindMention(content, in), false);
    }
  }

  void AddMention(std::string_view manager, const std::string& path,
                  std::optional<ScriptMention> mention, bool packaged) {
    if (!mention) return;
    auto& settings = mention->settings;
    if (mention->applies_files && !packaged) {
      settings.insert(settings.end(), in_files_.settings.begin(), in_files_.settings.end());
      mention->any = mention->any || in_files_.any;
    }
    if (mention->any) settings.clear();
    if (settings.empty() && !mention->any) return;
    Add(manager,
        {{path, mention->line}, std::string(manager) + " may set it", std::move(settings)});
  }

  void AddUnreadable(std::string_view manager, const std::string& path, const Error& error) {
    const bool is_private = manager == "cron" || manager == "ifupdown" || manager == "cloud-init";
    if (error.kind != ErrorKind::kDenied || is_private) return;
    Add(manager, {{path, 0}, error.message, {}});
  }

  void Add(std::string_view manager, BootDoubt doubt) {
    if (writers_.empty() || writers_.back().manager != manager) {
      writers_.push_back({.manager = std::string(manager)});
    }
    writers_.back().doubts.push_back(std::move(doubt));
  }

  [[nodiscard]] std::filesystem::path PathOf(const std::string& path) const {
    return root_.root() / files_.Resolve(path).value_or("/nowhere");
  }

  [[nodiscard]] bool IsExecutable(const std::string& path) const {
    std::error_code error;
    constexpr auto kAnyone = std::filesystem::perms(0111);
    const auto permissions = std::filesystem::status(PathOf(path), error).permissions();
    return (permissions & kAnyone) != std::filesystem::perms::none;
  }

  [[nodiscard]] bool IsSmall(const std::string& path) const {
    std::error_code error;
    const auto size = std::filesystem::file_size(PathOf(path), error);
    return !error && size <= kLargestFollowed;
  }

  KernelFiles root_;
  RootFiles files_;
  std::set<std::string> followed_;
  ScriptMention in_files_;  // settings that any program that applies the files of sysctl.d may set
  std::vector<BootWriter> writers_;
};

}  // namespace

std::optional<ScriptMention> FindMention(std::string_view text, MentionIn in) {
  ScriptMention mention;
  std::set<std::string> names;
  bool writes = in == MentionIn::kSettings;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = Strip(TakeLine(text));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (in == MentionIn::kUnit && RunsNothing(line)) continue;
    writes = writes || Has(line, "sysctl") || Has(line, "/proc/sys") || Has(line, "hashsize");
    const auto before = names.size();
    AddNames(line, names, mention.any);
    const bool applies = AppliesFiles(line);
    mention.applies_files = mention.applies_files || applies;
    if (mention.line == 0 && (names.size() > before || mention.any || applies)) {
      mention.line = number;
    }
  }
  mention.settings.assign(names.begin(), names.end());
  if (mention.line == 0 || !(writes || mention.applies_files)) return std::nullopt;
  return mention;
}

std::vector<BootWriter> ReadBootScripts(const KernelFiles& root) { return ScriptScan(root).Scan(); }

}  // namespace conntrack::kernel
