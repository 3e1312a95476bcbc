// System calls that are allowed whatever their arguments are.
#pragma once

#include <seccomp.h>

namespace conntrack::exporter::confinement {

// Some of these are only there on some architectures (fstat on amd64, fstatat on arm64 as
// newfstatat), or only used by some versions of the C library; libseccomp passes over those that
// are not there.

/// Memory, time, threads, and what is asked of the process itself.
inline constexpr int kProcessCalls[] = {
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(times),
    SCMP_SYS(getrandom),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(membarrier),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(getcpu),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigtimedwait),
    SCMP_SYS(rt_sigpending),
    SCMP_SYS(rt_sigsuspend),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(capget),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(getgroups),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(uname),
    SCMP_SYS(sysinfo),
};

/// Descriptors, and looking at files. openat has arguments that count: see syscall_filter.cc.
inline constexpr int kFileCalls[] = {
    SCMP_SYS(read),       SCMP_SYS(readv),      SCMP_SYS(pread64),     SCMP_SYS(preadv),
    SCMP_SYS(write),      SCMP_SYS(writev),     SCMP_SYS(close),       SCMP_SYS(close_range),
    SCMP_SYS(lseek),      SCMP_SYS(dup),        SCMP_SYS(dup2),        SCMP_SYS(dup3),
    SCMP_SYS(fcntl),      SCMP_SYS(pipe2),      SCMP_SYS(eventfd2),    SCMP_SYS(poll),
    SCMP_SYS(ppoll),      SCMP_SYS(select),     SCMP_SYS(pselect6),    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),  SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(stat),
    SCMP_SYS(fstat),      SCMP_SYS(lstat),      SCMP_SYS(newfstatat),  SCMP_SYS(statx),
    SCMP_SYS(statfs),     SCMP_SYS(fstatfs),    SCMP_SYS(access),      SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2), SCMP_SYS(readlink),   SCMP_SYS(readlinkat),  SCMP_SYS(getdents64),
    SCMP_SYS(getcwd),
};

/// Sockets that are there. socket, sendto and sendmsg have arguments that count.
inline constexpr int kSocketCalls[] = {
    SCMP_SYS(bind),       SCMP_SYS(getsockname), SCMP_SYS(getpeername),
    SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),  SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),    SCMP_SYS(recvmmsg),    SCMP_SYS(shutdown),
};

/// A server's.
inline constexpr int kServerCalls[] = {
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
};

/// For looking up names.
inline constexpr int kNameCalls[] = {
    SCMP_SYS(connect),
    SCMP_SYS(sendmmsg),
};

/// For files that are made anew and renamed.
inline constexpr int kWriterCalls[] = {
    SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat),
    SCMP_SYS(mkdir),  SCMP_SYS(mkdirat),  SCMP_SYS(fchmod),    SCMP_SYS(fsync),
};

}  // namespace conntrack::exporter::confinement
