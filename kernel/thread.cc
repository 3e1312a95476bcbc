#include "kernel/thread.h"

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

// A few stacks of glibc's default size. One alone might fit again because other threads have ended.
constexpr std::size_t kRoom = 4 * (std::size_t{8} << 20);

/// Returns the cgroups of this process that may limit tasks, relative to /sys, the innermost first.
std::vector<std::string> PidsCgroups(const KernelFiles& proc) {
  std::vector<std::string> folders;
  const auto text = proc.Read("self/cgroup");
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    auto line = TakeLine(rest);
    static_cast<void>(TakeUntil(line, ':'));
    const auto controllers = TakeUntil(line, ':');
    if (!controllers.empty() && controllers != "pids") continue;
    const std::string mount = controllers.empty() ? "fs/cgroup" : "fs/cgroup/pids";
    // The limits of parent cgroups apply too.
    for (std::string path(line); path.size() > 1; path.resize(path.rfind('/'))) {
      folders.push_back(mount + path);
    }
    folders.push_back(mount);
  }
  return folders;
}

std::optional<std::string> PidsLimit(const KernelFiles& proc, const KernelFiles& sys) {
  for (const auto& folder : PidsCgroups(proc)) {
    const auto most = sys.ReadNumber(folder + "/pids.max");  // or "max"
    const auto now = sys.ReadNumber(folder + "/pids.current");
    if (!most || !now || *now < *most) continue;
    return "pids.max of " + (sys.root() / folder).string() + " is " + std::to_string(*most) +
           ", and " + std::to_string(*now) + " tasks run";
  }
  return std::nullopt;
}

/// Returns "RLIMIT_AS is 1000000"; std::nullopt if there is no such limit.
std::optional<std::string> ResourceLimit(int resource, std::string_view name) {
  rlimit limit{};
  if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) != 0) return std::nullopt;
  if (limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  return std::string(name) + " is " + std::to_string(limit.rlim_cur);
}

std::optional<std::string> MemoryLimit() {
  const auto space = ResourceLimit(RLIMIT_AS, "RLIMIT_AS");
  return space ? space : ResourceLimit(RLIMIT_DATA, "RLIMIT_DATA");
}

bool HasRoomForStacks() {
  void* const stack =
      ::mmap(nullptr, kRoom, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack == MAP_FAILED) return false;
  ::munmap(stack, kRoom);
  return true;
}

}  // namespace

Error WhyNoThread(const std::string& name, const KernelFiles& proc, const KernelFiles& sys) {
  const std::string what = "cannot start the thread " + name + ": ";
  const auto memory = MemoryLimit();
  if (!HasRoomForStacks()) {
    return {
        ErrorKind::kBusy, EAGAIN, what + memory.value_or("no memory for its stack"),
        "raise the limit on memory (ulimit -v and -d, LimitAS= and LimitDATA= of systemd), or free "
        "memory"};
  }
  if (const auto limit = PidsLimit(proc, sys)) {
    return {ErrorKind::kBusy, EAGAIN, what + *limit,
            "raise the limit on tasks (TasksMax= of systemd, --pids-limit of a container)"};
  }
  const auto tasks =
      ResourceLimit(RLIMIT_NPROC, "RLIMIT_NPROC of this user")
          .value_or("no more tasks (kernel.threads-max, kernel.pid_max, or pids.max)");
  // Name the memory limit too: few systems have one, and memory may have been short for a moment
  // only.
  return {ErrorKind::kBusy, EAGAIN, what + (memory ? *memory + "; " : "") + tasks,
          "raise the limit on tasks (ulimit -u, LimitNPROC= of systemd), or end other processes"};
}

BlockedStopSignals::BlockedStopSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
}

BlockedStopSignals::~BlockedStopSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

std::jthread StartThread(const std::string& name,
                         std::function<void(const std::stop_token&)> work) {
  const BlockedStopSignals blocked;  // the new thread inherits the mask
  try {
    return std::jthread([name, work = std::move(work)](const std::stop_token& stop) {
      ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
      try {
        work(stop);
      } catch (const std::exception& exception) {
        std::fprintf(stderr, "conntrack_exporter: thread %s ended: %s\n", name.c_str(),
                     exception.what());
      } catch (...) {
        std::fprintf(stderr, "conntrack_exporter: thread %s ended by an exception\n", name.c_str());
      }
    });
  } catch (const std::system_error&) {
    throw ThreadError(WhyNoThread(name));
  }
}

}  // namespace conntrack::kernel
