#include "kernel/boot/persistence_reader.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

#include "kernel/boot/root_files.h"
#include "kernel/proc/conntrack_sysctl.h"

namespace conntrack::kernel {
namespace {

constexpr const char* kMountHost =
    "in a container, mount the file system of the host read-only and name it: --path.rootfs=/host";

// The inode of the first process namespace, the same on every kernel since 3.8 (PROC_PID_INIT_INO).
constexpr const char* kFirstPidNamespace = "pid:[4026531836]";

std::string ReadLink(const KernelFiles& proc, const char* path) {
  std::error_code error;
  return std::filesystem::read_symlink(proc.root() / path, error).string();
}

bool IsInBootNamespace(const KernelFiles& proc) {
  if (proc.ReadNumber("sys/net/nf_conntrack_max")) return true;
  if (const auto first = ReadLink(proc, "1/ns/net"); !first.empty()) {
    return first == ReadLink(proc, "self/ns/net");
  }
  // That link is shown to few; the files in /proc/PID/net have one inode for each namespace,
  // whoever asks.
  const auto of_first = proc.Inode("1/net/dev");
  const auto own = proc.Inode("self/net/dev");
  return of_first && own && *of_first == *own;
}

/// The sysctls of nf_conntrack itself: not those of nf_defrag_ipv6, and not the count.
bool IsSetting(std::string_view name) {
  return name.starts_with("nf_conntrack_") && !name.starts_with("nf_conntrack_frag6_") &&
         name != "nf_conntrack_count";
}

Result<RunningKernel> ReadRunning(const KernelFiles& proc,
                                  std::vector<UnreadableFile>& unreadable) {
  if (const auto entries = ReadSysctl(proc, "nf_conntrack_count"); !entries) {
    return Fail(entries.error());
  }
  const auto names = proc.List(kSysctlFolder);
  if (!names) return Fail(names.error());
  RunningKernel running;
  for (const auto& name : *names) {
    if (!IsSetting(name)) continue;
    const auto value = ReadSysctl(proc, name);
    if (value) {
      running.settings.push_back({name, *value});
    } else {
      unreadable.push_back({name, value.error()});
    }
  }
  running.boot_namespace = IsInBootNamespace(proc);
  running.buckets_step = ::sysconf(_SC_PAGESIZE) / static_cast<std::int64_t>(sizeof(void*));
  return running;
}

}  // namespace

std::optional<Error> CheckBootFiles(const KernelFiles& root, const KernelFiles& proc) {
  const auto pid_namespace = ReadLink(proc, "self/ns/pid");
  if (root.root() == "/" && !pid_namespace.empty() && pid_namespace != kFirstPidNamespace) {
    return Error{ErrorKind::kAbsent, 0,
                 "this process is in a container, the file system of which has no say at the next "
                 "boot",
                 kMountHost};
  }
  const RootFiles files(root);
  for (const auto folder : kSysctlFolders) {
    const auto names = files.List(folder);
    if (names) return std::nullopt;
    if (names.error().kind == ErrorKind::kDenied) return names.error();
  }
  if (files.Resolve("/etc/sysctl.conf")) return std::nullopt;
  return Error{ErrorKind::kAbsent, 0,
               "no boot files (/etc/sysctl.d and the like) below " + root.root().string(),
               kMountHost};
}

Result<PersistenceReport> ReadPersistence(const KernelFiles& root, const KernelFiles& proc,
                                          const KernelFiles& sys) {
  PersistenceReport report;
  const auto running = ReadRunning(proc, report.unreadable);
  if (!running) return Fail(running.error());
  if (auto error = CheckBootFiles(root, proc)) return Fail(std::move(*error));
  auto boot = ReadBootConfig(root, proc, sys);
  report.settings = ComparePersistence(boot, *running);
  std::move(boot.unreadable.begin(), boot.unreadable.end(), std::back_inserter(report.unreadable));
  report.boot_namespace = running->boot_namespace;
  return report;
}

}  // namespace conntrack::kernel
