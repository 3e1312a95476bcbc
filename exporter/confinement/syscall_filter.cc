#include "exporter/confinement/landlock_and_seccomp.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <initializer_list>
#include <memory>
#include <span>

namespace conntrack::exporter::confinement {
namespace {

using Word = scmp_datum_t;
using Test = scmp_arg_cmp;

/// An int as the kernel sees it: the upper half of the register is ignored.
constexpr Word kInt = 0xffffffff;

constexpr Word Bits(int flags) { return static_cast<unsigned>(flags); }

/// Argument `index` is the int `value`.
constexpr Test Is(unsigned index, Word value) {
  return {index, SCMP_CMP_MASKED_EQ, kInt, value & kInt};
}

/// Of the bits in `mask`, exactly those in `set` are set.
constexpr Test Has(unsigned index, Word mask, Word set) {
  return {index, SCMP_CMP_MASKED_EQ, mask, set};
}

constexpr unsigned kCloneFlags =  // argument order depends on the architecture
#if defined(__s390x__)
    1;
#else
    0;
#endif
constexpr Word kNewTime = 0x80;  // CLONE_NEWTIME, in the signal bits of clone(2)
constexpr Word kNewNamespaces = Word{CLONE_NEWNS} | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
                                CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | kNewTime;
constexpr Word kWritesOrMakes = Bits(O_ACCMODE | O_CREAT | O_TRUNC);
constexpr Word kSocketType = 0xf;               // without SOCK_CLOEXEC and SOCK_NONBLOCK
constexpr Word kFastOpen = Bits(MSG_FASTOPEN);  // connects while sending

// Calls that are allowed with any arguments. Some exist only on some architectures, or are used
// only by some versions of the C library. libseccomp ignores those that do not exist.

constexpr int kProcessCalls[] = {
    // memory
    SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
    // time
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(times),
    // threads
    SCMP_SYS(getrandom), SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
    SCMP_SYS(membarrier), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(getcpu),
    SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(restart_syscall),
    // signals
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait), SCMP_SYS(rt_sigpending), SCMP_SYS(rt_sigsuspend),
    SCMP_SYS(sigaltstack), SCMP_SYS(alarm), SCMP_SYS(setitimer),
    // the process itself
    SCMP_SYS(capget), SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid),
    SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getgroups),
    SCMP_SYS(getrlimit), SCMP_SYS(getrusage), SCMP_SYS(uname), SCMP_SYS(sysinfo)};

/// Descriptors and file metadata. openat and fcntl are restricted by argument: see AllowFiles().
constexpr int kFileCalls[] = {
    SCMP_SYS(read),       SCMP_SYS(readv),       SCMP_SYS(pread64),    SCMP_SYS(preadv),
    SCMP_SYS(write),      SCMP_SYS(writev),      SCMP_SYS(close),      SCMP_SYS(close_range),
    SCMP_SYS(lseek),      SCMP_SYS(dup),         SCMP_SYS(dup2),       SCMP_SYS(dup3),
    SCMP_SYS(pipe2),      SCMP_SYS(eventfd2),    SCMP_SYS(poll),       SCMP_SYS(ppoll),
    SCMP_SYS(select),     SCMP_SYS(pselect6),    SCMP_SYS(epoll_ctl),  SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(stat),       SCMP_SYS(fstat),
    SCMP_SYS(lstat),      SCMP_SYS(newfstatat),  SCMP_SYS(statx),      SCMP_SYS(statfs),
    SCMP_SYS(fstatfs),    SCMP_SYS(access),      SCMP_SYS(faccessat),  SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),   SCMP_SYS(readlinkat),  SCMP_SYS(getdents64), SCMP_SYS(getcwd)};

/// Existing sockets. socket, sendto and sendmsg are restricted by argument.
constexpr int kSocketCalls[] = {SCMP_SYS(bind),       SCMP_SYS(getsockname), SCMP_SYS(getpeername),
                                SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),  SCMP_SYS(recvfrom),
                                SCMP_SYS(recvmsg),    SCMP_SYS(recvmmsg),    SCMP_SYS(shutdown)};

/// For a server, which also connects to itself once it listens.
constexpr int kServerCalls[] = {SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4),
                                SCMP_SYS(connect)};

/// Of these, calls that only the start needs. seccomp(2) installs the filter that forbids them.
constexpr int kStartCalls[] = {SCMP_SYS(listen), SCMP_SYS(connect), SCMP_SYS(seccomp)};

constexpr Word kIpFamilies[] = {AF_INET, AF_INET6};

/// For files that are newly created and renamed.
constexpr int kWriterCalls[] = {SCMP_SYS(rename),  SCMP_SYS(renameat), SCMP_SYS(renameat2),
                                SCMP_SYS(unlink),  SCMP_SYS(unlinkat), SCMP_SYS(mkdir),
                                SCMP_SYS(mkdirat), SCMP_SYS(fchmod),   SCMP_SYS(fsync)};

struct Release {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};

/// A list of rules.
class Filter {
 public:
  /// `otherwise`: action for calls without a rule. `logged`: whether the kernel logs refused calls.
  Filter(std::uint32_t otherwise, bool logged) : filter_(::seccomp_init(otherwise)) {
    if (!filter_) {
      Note(-ENOMEM);
      return;
    }
    ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_NNP, 0);  // already set
    // Optional: not every kernel and library supports these, nor does prctl(2), which the library
    // uses if seccomp(2) is refused. Without the first, the kernel kills the thread, not the
    // process.
    ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    all_threads_ = ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_TSYNC, 1);
    ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_LOG, logged ? 1 : 0);
    ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);  // a tree instead of a list
    ::seccomp_attr_set(filter_.get(), SCMP_FLTATR_API_SYSRAWRC, 1);  // the kernel's errno
  }

  void Allow(std::span<const int> calls) {
    for (const int call : calls) Allow(call, {});
  }

  /// Allows the call if all tests hold. With several rules for a call, one of them is enough.
  void Allow(int call, std::initializer_list<Test> tests) { Add(SCMP_ACT_ALLOW, call, tests); }

  void Refuse(int call, std::uint32_t code, std::initializer_list<Test> tests) {
    Add(SCMP_ACT_ERRNO(code), call, tests);
  }

  /// For a process that already has threads: do not load the filter for one of them only.
  void RequireAllThreads() { Note(all_threads_); }

  [[nodiscard]] Result<void> Load() {
    if (code_ == 0) Note(::seccomp_load(filter_.get()));
    if (code_ == 0) return {};
    auto error = ErrorFromErrno(-code_, "installing the filter of system calls");
    error.remedy =
        "Linux 3.17 with CONFIG_SECCOMP_FILTER, and seccomp(2) allowed where a container or "
        "SystemCallFilter= of systemd filters already";
    return Fail(std::move(error));
  }

 private:
  void Add(std::uint32_t action, int call, std::initializer_list<Test> tests) {
    if (code_ != 0) return;
    Note(::seccomp_rule_add_array(filter_.get(), action, call, static_cast<unsigned>(tests.size()),
                                  tests.begin()));
  }

  void Note(int code) {
    if (code < 0 && code_ == 0) code_ = code;
  }

  std::unique_ptr<void, Release> filter_;
  int all_threads_ = 0;  // result of requesting them
  int code_ = 0;         // first failure, as a negative errno
};

void AllowMemory(Filter& filter, const Needs& needs) {
  filter.Allow(SCMP_SYS(mmap), {Has(2, PROT_EXEC, 0)});
  filter.Allow(SCMP_SYS(mprotect), {Has(2, PROT_EXEC, 0)});
  // The C library loads modules for the services in /etc/nsswitch.conf.
  if (!needs.looks_up_names) return;
  filter.Allow(SCMP_SYS(mmap),
               {Has(2, PROT_EXEC | PROT_WRITE, PROT_EXEC), Has(3, MAP_ANONYMOUS, 0)});
}

void AllowThreads(Filter& filter) {
  filter.Allow(SCMP_SYS(clone), {Has(kCloneFlags, kNewNamespaces | CLONE_THREAD, CLONE_THREAD)});
  filter.Allow(SCMP_SYS(tgkill), {Is(0, static_cast<Word>(::getpid()))});
  for (const int what : {PR_SET_NAME, PR_GET_NAME, PR_GET_NO_NEW_PRIVS, PR_GET_SECCOMP,
                         PR_GET_DUMPABLE, PR_CAPBSET_READ}) {
    filter.Allow(SCMP_SYS(prctl), {Is(0, Bits(what))});
  }
  filter.Allow(SCMP_SYS(prctl), {Is(0, PR_CAP_AMBIENT), Is(1, PR_CAP_AMBIENT_IS_SET)});
  filter.Allow(SCMP_SYS(prlimit64), {Test{2, SCMP_CMP_EQ, 0, 0}});  // read limits; set one:
  filter.Allow(SCMP_SYS(prlimit64), {Is(0, 0), Is(1, RLIMIT_NOFILE)});
}

void AllowFiles(Filter& filter, const Needs& needs) {
  filter.Allow(kFileCalls);
  if (needs.write.empty()) {
    filter.Allow(SCMP_SYS(openat), {Has(2, kWritesOrMakes, Bits(O_RDONLY))});
  } else {
    filter.Allow(SCMP_SYS(openat), {});
    filter.Allow(kWriterCalls);
  }
  // No owner and no signal: the kernel would send signals to others in our name.
  for (const int command : {F_GETFD, F_SETFD, F_GETFL, F_DUPFD, F_DUPFD_CLOEXEC}) {
    filter.Allow(SCMP_SYS(fcntl), {Is(1, Bits(command))});
  }
  filter.Allow(SCMP_SYS(fcntl), {Is(1, F_SETFL), Has(2, O_ASYNC, 0)});
  // Size of a terminal, whether it is one, and bytes waiting in a socket.
  for (const Word what : {Word{TCGETS}, Word{TIOCGWINSZ}, Word{FIONBIO}, Word{FIONREAD},
                          Word{SIOCOUTQ}, Word{SIOCOUTQNSD}}) {
    filter.Allow(SCMP_SYS(ioctl), {Is(1, what)});
  }
}

void AllowSockets(Filter& filter, const Needs& needs) {
  filter.Allow(kSocketCalls);
  filter.Allow(SCMP_SYS(socket), {Is(0, AF_UNIX)});  // the other filter decides
  for (const Word family : kIpFamilies) {
    for (const Word protocol : {Word{0}, Word{IPPROTO_TCP}}) {
      filter.Allow(SCMP_SYS(socket),
                   {Is(0, family), Has(1, kSocketType, SOCK_STREAM), Is(2, protocol)});
    }
    for (const Word protocol : {Word{0}, Word{IPPROTO_UDP}}) {  // the other filter decides
      filter.Allow(SCMP_SYS(socket),
                   {Is(0, family), Has(1, kSocketType, SOCK_DGRAM), Is(2, protocol)});
    }
  }
  filter.Allow(SCMP_SYS(socket), {Is(0, AF_NETLINK), Is(2, NETLINK_NETFILTER)});
  if (needs.asks_sock_diag) {
    filter.Allow(SCMP_SYS(socket), {Is(0, AF_NETLINK), Is(2, NETLINK_SOCK_DIAG)});
  }
  if (needs.asks_drivers) filter.Allow(SCMP_SYS(ioctl), {Is(1, SIOCETHTOOL)});
  filter.Allow(SCMP_SYS(sendto), {Has(3, kFastOpen, 0)});
  filter.Allow(SCMP_SYS(sendmsg), {Has(2, kFastOpen, 0)});
  if (!needs.listen_ports.empty()) {
    filter.Allow(kServerCalls);
    filter.Allow(SCMP_SYS(seccomp), {Is(0, SECCOMP_SET_MODE_FILTER)});  // can only restrict further
  }
  if (!needs.looks_up_names) return;
  filter.Allow(SCMP_SYS(sendmmsg), {Has(3, kFastOpen, 0)});
  // Interface of a link-local address, in both directions.
  for (const Word what : {Word{SIOCGIFINDEX}, Word{SIOCGIFNAME}}) {
    filter.Allow(SCMP_SYS(ioctl), {Is(1, what)});
  }
}

/// Calls with flags that are not visible to the filter. The C library has a fallback if the kernel
/// lacks them.
constexpr int kHidden[] = {SCMP_SYS(clone3), SCMP_SYS(openat2)};

void HideUdp(Filter& filter) {
  for (const Word family : kIpFamilies) {
    filter.Refuse(SCMP_SYS(socket), EAFNOSUPPORT, {Is(0, family), Has(1, kSocketType, SOCK_DGRAM)});
  }
}

/// Calls that the C library tries for every thread and every name; they should not be logged. This
/// needs a filter of its own, because a filter logs all refused calls or none.
Result<void> HideCalls(const Needs& needs) {
  Filter filter(SCMP_ACT_ALLOW, false);
  for (const int call : kHidden) filter.Refuse(call, ENOSYS, {});
  // To nscd, and for interface names, as a client may have a link-local address.
  filter.Refuse(SCMP_SYS(socket), EAFNOSUPPORT, {Is(0, AF_UNIX)});
  if (!needs.looks_up_names) HideUdp(filter);
  return filter.Load();
}

}  // namespace

Result<void> FilterSystemCalls(const Needs& needs) {
  if constexpr (sizeof(void*) < 8) {
    return Fail(ErrorKind::kAbsent, "system calls are not filtered on 32-bit machines",
                "confine it from outside: SystemCallFilter= of systemd, or a container's profile");
  }
  if (auto hidden = HideCalls(needs); !hidden) return hidden;
  Filter filter(SCMP_ACT_ERRNO(EPERM), true);
  filter.Allow(kHidden);  // the other filter decides
  filter.Allow(kProcessCalls);
  AllowMemory(filter, needs);
  AllowThreads(filter);
  AllowFiles(filter, needs);
  AllowSockets(filter, needs);
  if (!needs.until_listening.empty()) filter.Allow(SCMP_SYS(capset), {});  // can only drop
  if (needs.runs_bpf) filter.Allow(SCMP_SYS(bpf), {Is(0, BPF_PROG_TEST_RUN)});
  if (!needs.looks_into_processes.empty()) filter.Allow(SCMP_SYS(setns), {Is(1, CLONE_NEWNET)});
  return filter.Load();
}

Result<void> FilterStartCalls() {
  Filter hidden(SCMP_ACT_ALLOW, false);
  hidden.RequireAllThreads();
  HideUdp(hidden);
  if (auto loaded = hidden.Load(); !loaded) return loaded;
  Filter filter(SCMP_ACT_ALLOW, true);
  filter.RequireAllThreads();
  for (const int call : kStartCalls) filter.Refuse(call, EPERM, {});
  for (const Word family : kIpFamilies) {
    filter.Refuse(SCMP_SYS(socket), EPERM, {Is(0, family), Has(1, kSocketType, SOCK_STREAM)});
  }
  filter.Refuse(SCMP_SYS(mmap), EPERM, {Has(2, PROT_EXEC, PROT_EXEC)});
  return filter.Load();
}

}  // namespace conntrack::exporter::confinement
