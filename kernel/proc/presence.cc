#include "kernel/proc/presence.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "kernel/proc/sysctl.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr const char* kTable = "nf_conntrack";
constexpr const char* kCtnetlink = "nf_conntrack_netlink";

tl::unexpected<Error> TableIsNotLoaded() {
  return Fail(ErrorKind::kNotLoaded, "nf_conntrack is not loaded: this host tracks no connections",
              "to track connections, run modprobe nf_conntrack_netlink, which also loads "
              "nf_conntrack, and add it to a file in /etc/modules-load.d");
}

tl::unexpected<Error> CtnetlinkIsNotLoaded() {
  return Fail(ErrorKind::kNotLoaded,
              "nf_conntrack_netlink is not loaded: the table cannot be read over netlink",
              "run modprobe nf_conntrack_netlink, and add it to a file in /etc/modules-load.d");
}

tl::unexpected<Error> CannotTell(const KernelFiles& proc, const KernelFiles& sys) {
  return Fail(
      ErrorKind::kAbsent,
      "unknown whether nf_conntrack is loaded: neither " + (proc.root() / "sys/net").string() +
          " nor " + (sys.root() / "module").string() + " can be seen",
      "mount procfs without subset=pid or mount sysfs, and name them with --path.procfs and "
      "--path.sysfs if they are elsewhere");
}

bool IsThere(const KernelFiles& files, const std::string& path) {
  return files.Inode(path).has_value();
}

bool HasEntries(const KernelFiles& files, const std::string& path) {
  const auto entries = files.List(path);
  return entries && !entries->empty();
}

}  // namespace

std::optional<bool> IsLoaded(const Result<void>& table) {
  if (table) return true;
  if (table.error().kind == ErrorKind::kNotLoaded) return false;
  return std::nullopt;
}

Result<void> Presence::Table() const {
  if (IsThere(proc_, std::string(kSysctlFolder) + "/nf_conntrack_count")) return {};
  if (IsThere(proc_, "net/stat/nf_conntrack")) return {};
  // nf_conntrack has parameters, so it has a folder in sysfs even if it is built in.
  if (IsLoaded(kTable)) return {};
  // A missing file means that the module is not loaded only if its neighbours are visible.
  if (!HasEntries(proc_, "sys/net") && !HasEntries(sys_, "module")) return CannotTell(proc_, sys_);
  return TableIsNotLoaded();
}

Result<void> Presence::Ctnetlink() const {
  if (IsLoaded(kCtnetlink)) return {};
  if (auto table = Table(); !table) return table;
  // nf_conntrack_netlink uses symbols of nf_conntrack, so it is a module if nf_conntrack is one.
  if (IsThere(sys_, "module/nf_conntrack/initstate") || ListedState(kTable)) {
    return CtnetlinkIsNotLoaded();
  }
  std::call_once(looked_up_, [this] { built_in_ = LookUpBuiltIn(); });
  return built_in_;
}

bool Presence::IsLoaded(const std::string& module) const {
  const auto folder = "module/" + module;
  // A module that is being unloaded still has its folder. A request would load it again.
  if (const auto state = sys_.Read(folder + "/initstate")) return state->starts_with("live");
  if (IsThere(sys_, folder)) return true;  // built in
  return ListedState(module) == "Live";
}

std::optional<std::string> Presence::ListedState(const std::string& module) const {
  const auto modules = proc_.Read("modules");
  if (!modules) return std::nullopt;
  const auto lines = "\n" + *modules;
  const auto begin = lines.find("\n" + module + " ");
  if (begin == std::string::npos) return std::nullopt;
  auto line = std::string_view(lines).substr(begin + 1);
  line = line.substr(0, line.find('\n'));
  for (int word = 0; word < 4; ++word) (void)TakeWord(line);  // name, size, references, users
  return std::string(TakeWord(line));
}

std::optional<bool> Presence::HasFunctions(std::span<const std::string_view> names,
                                           std::string_view known) const {
  struct List {
    const KernelFiles& files;
    const char* path;
    char before_a_name;
  };
  for (const auto& list : {List{proc_, "kallsyms", ' '}, List{sys_, "kernel/btf/vmlinux", '\0'}}) {
    const auto has = [&list](std::string_view beginning) {
      return list.files.Contains(list.path, list.before_a_name + std::string(beginning))
          .value_or(false);
    };
    if (std::ranges::all_of(names, has)) return true;
    // A restricted file may exist and be empty. It has neither name then.
    if (has(known)) return false;
  }
  return std::nullopt;
}

Result<void> Presence::LookUpBuiltIn() const {
  constexpr std::array<std::string_view, 1> kFunctions = {"ctnetlink_"};
  if (const auto there = HasFunctions(kFunctions, "nf_conntrack_")) {
    return *there ? Result<void>{} : CtnetlinkIsNotLoaded();
  }
  // Without /proc/modules the kernel cannot load modules, so a request is harmless.
  if (IsThere(proc_, "version") && !IsThere(proc_, "modules")) return {};
  return Fail(ErrorKind::kHeldBack,
              "unknown whether nf_conntrack_netlink is built in, and a request could load it",
              "let the exporter read /proc/kallsyms or /sys/kernel/btf/vmlinux");
}

Result<void> Presence::SockDiag() const {
  constexpr std::array<const char*, 3> kModules = {"inet_diag", "tcp_diag", "udp_diag"};
  const auto* missing =
      std::ranges::find_if_not(kModules, [this](const char* module) { return IsLoaded(module); });
  if (missing == kModules.end()) return {};
  std::call_once(looked_up_diag_, [this] {
    constexpr std::array<std::string_view, 3> kFunctions = {"inet_diag_handler_cmd",
                                                            "tcp_diag_dump", "udp_diag_dump"};
    diag_built_in_ = HasFunctions(kFunctions, "inet_csk_");
  });
  if (diag_built_in_ == true) return {};
  if (!diag_built_in_) {
    return Fail(
        ErrorKind::kHeldBack,
        "unknown whether " + std::string(*missing) + " is built in, and a request could load it",
        "let the exporter read /proc/kallsyms or /sys/kernel/btf/vmlinux");
  }
  return Fail(ErrorKind::kNotLoaded,
              std::string(*missing) + " is not loaded: the owners of ports cannot be read",
              "run modprobe -a tcp_diag udp_diag, and add them to a file in /etc/modules-load.d");
}

}  // namespace conntrack::kernel
