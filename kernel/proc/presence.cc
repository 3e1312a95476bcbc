#include "kernel/proc/presence.h"

#include <array>

#include "kernel/proc/sysctl.h"

namespace conntrack::kernel {
namespace {

constexpr const char* kTable = "nf_conntrack";
constexpr const char* kCtnetlink = "nf_conntrack_netlink";
/// How the names of functions begin.
constexpr const char* kTableNames = "nf_conntrack_";
constexpr const char* kCtnetlinkNames = "ctnetlink_";

tl::unexpected<Error> TableIsNotLoaded() {
  return Fail(ErrorKind::kNotLoaded,
              "connection tracking is not loaded: this host tracks no connections",
              "if it should track: modprobe nf_conntrack, and name it in a file of "
              "/etc/modules-load.d");
}

tl::unexpected<Error> CtnetlinkIsNotLoaded() {
  return Fail(ErrorKind::kNotLoaded,
              "nf_conntrack_netlink is not loaded: the table cannot be read over netlink",
              "modprobe nf_conntrack_netlink, and name it in a file of /etc/modules-load.d");
}

bool IsThere(const KernelFiles& files, const std::string& path) {
  return files.Inode(path).has_value();
}

}  // namespace

Result<void> Presence::Table() const {
  if (IsThere(proc_, std::string(kSysctlFolder) + "/nf_conntrack_count")) return {};
  // Its parameters give it a folder where it is built in, too.
  if (IsLoaded(kTable)) return {};
  return TableIsNotLoaded();
}

Result<void> Presence::Ctnetlink() const {
  if (IsLoaded(kCtnetlink)) return {};
  if (auto table = Table(); !table) return table;
  // It needs what nf_conntrack exports, so that it is a module where that is one.
  const bool is_module =
      IsThere(sys_, "module") ? IsThere(sys_, "module/nf_conntrack/initstate") : IsLoaded(kTable);
  if (is_module) return CtnetlinkIsNotLoaded();
  std::call_once(looked_up_, [this] { built_in_ = LookUpBuiltIn(); });
  return built_in_;
}

bool Presence::IsLoaded(const std::string& module) const {
  if (IsThere(sys_, "module")) return IsThere(sys_, "module/" + module);
  const auto modules = proc_.Read("modules");
  return modules && ("\n" + *modules).find("\n" + module + " ") != std::string::npos;
}

Result<void> Presence::LookUpBuiltIn() const {
  const std::array<std::pair<const KernelFiles&, const char*>, 2> lists = {
      {{proc_, "kallsyms"}, {sys_, "kernel/btf/vmlinux"}}};
  for (const auto& [files, path] : lists) {
    if (files.Contains(path, kCtnetlinkNames).value_or(false)) return {};
    // A file that is hidden may be there, and empty.
    if (files.Contains(path, kTableNames).value_or(false)) return CtnetlinkIsNotLoaded();
  }
  // Asking does no harm where the kernel loads no modules at all.
  if (IsThere(proc_, "version") && !IsThere(proc_, "modules")) return {};
  return Fail(ErrorKind::kHeldBack,
              "whether nf_conntrack_netlink is there cannot be known, and asking may load it",
              "let the exporter read /proc/kallsyms or /sys/kernel/btf/vmlinux");
}

}  // namespace conntrack::kernel
