#include "kernel/namespaces/namespace_entry.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#include <cerrno>

#include "kernel/thread.h"
#include "kernel/unique_fd.h"

namespace conntrack::kernel {
namespace {

Result<void> Enter(const std::filesystem::path& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Fail(ErrorFromErrno(errno, "opening " + path.string()));
  if (::setns(fd.get(), CLONE_NEWNET) < 0) {
    auto error = ErrorFromErrno(errno, "entering " + path.string());
    if (error.kind == ErrorKind::kDenied) {
      error.remedy =
          "give CAP_SYS_ADMIN (and RestrictNamespaces=no under systemd): without it a namespace "
          "that no process shows cannot be entered";
    }
    return Fail(std::move(error));
  }
  return {};
}

}  // namespace

Result<std::uint64_t> NamespaceInode(const std::filesystem::path& path) {
  struct statfs system {};
  struct stat file {};
  if (::statfs(path.c_str(), &system) < 0 || ::stat(path.c_str(), &file) < 0) {
    return Fail(ErrorFromErrno(errno, "looking at " + path.string()));
  }
  // Before nsfs, namespaces were files of /proc.
  if (system.f_type != NSFS_MAGIC && system.f_type != PROC_SUPER_MAGIC) {
    return Fail(ErrorKind::kAbsent, path.string() + " is no namespace");
  }
  return std::uint64_t{file.st_ino};
}

Result<void> RunInNamespace(const std::filesystem::path& path, const std::function<void()>& work) {
  auto outcome = Caught([&] {
    Result<void> done;
    StartThread("namespace", [&](const std::stop_token&) {
      done = Caught([&]() -> Result<void> {
        if (auto entered = Enter(path); !entered) return entered;
        work();
        return {};
      });
    }).join();
    return done;
  });
  if (outcome) return outcome;
  // While a name is removed, there is an ordinary file for a moment, and then nothing.
  const auto inode = NamespaceInode(path);
  return !inode && inode.error().kind == ErrorKind::kAbsent ? Fail(inode.error()) : outcome;
}

}  // namespace conntrack::kernel
