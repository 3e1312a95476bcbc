#include "kernel/proc/presence.h"

#include <string_view>

#include "kernel/proc/sysctl.h"
#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr const char* kTable = "nf_conntrack";
constexpr const char* kCtnetlink = "nf_conntrack_netlink";

tl::unexpected<Error> TableIsNotLoaded() {
  return Fail(
      ErrorKind::kNotLoaded, "connection tracking is not loaded: this host tracks no connections",
      "if it should track: modprobe nf_conntrack_netlink, which loads nf_conntrack too, and "
      "name it in a file of /etc/modules-load.d");
}

tl::unexpected<Error> CtnetlinkIsNotLoaded() {
  return Fail(ErrorKind::kNotLoaded,
              "nf_conntrack_netlink is not loaded: the table cannot be read over netlink",
              "modprobe nf_conntrack_netlink, and name it in a file of /etc/modules-load.d");
}

tl::unexpected<Error> CannotTell(const KernelFiles& proc, const KernelFiles& sys) {
  return Fail(
      ErrorKind::kAbsent,
      "cannot tell whether connection tracking is loaded: neither " +
          (proc.root() / "sys/net").string() + " nor " + (sys.root() / "module").string() +
          " can be seen",
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
  // It has parameters, and so a folder in sysfs even if it is built in.
  if (IsLoaded(kTable)) return {};
  // A missing file shows that the module is not loaded only if what is beside it can be seen.
  if (!HasEntries(proc_, "sys/net") && !HasEntries(sys_, "module")) return CannotTell(proc_, sys_);
  return TableIsNotLoaded();
}

Result<void> Presence::Ctnetlink() const {
  if (IsLoaded(kCtnetlink)) return {};
  if (auto table = Table(); !table) return table;
  // It uses symbols of nf_conntrack, so it is a module if nf_conntrack is one.
  if (IsThere(sys_, "module/nf_conntrack/initstate") || ListedState(kTable)) {
    return CtnetlinkIsNotLoaded();
  }
  std::call_once(looked_up_, [this] { built_in_ = LookUpBuiltIn(); });
  return built_in_;
}

bool Presence::IsLoaded(const std::string& module) const {
  const auto folder = "module/" + module;
  // A module that is being unloaded still has its folder, and a request would load it again.
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

Result<void> Presence::LookUpBuiltIn() const {
  struct List {
    const KernelFiles& files;
    const char* path;
    char before_a_name;
  };
  for (const auto& list : {List{proc_, "kallsyms", ' '}, List{sys_, "kernel/btf/vmlinux", '\0'}}) {
    const auto has = [&list](const char* beginning) {
      return list.files.Contains(list.path, list.before_a_name + std::string(beginning))
          .value_or(false);
    };
    if (has("ctnetlink_")) return {};
    // A hidden file may exist and be empty, and then has neither name.
    if (has("nf_conntrack_")) return CtnetlinkIsNotLoaded();
  }
  // Without /proc/modules the kernel cannot load modules, so a request is harmless.
  if (IsThere(proc_, "version") && !IsThere(proc_, "modules")) return {};
  return Fail(ErrorKind::kHeldBack,
              "cannot tell whether nf_conntrack_netlink is built in, and a request could load it",
              "let the exporter read /proc/kallsyms or /sys/kernel/btf/vmlinux");
}

}  // namespace conntrack::kernel
