// Confines itself as the exporter does, then tries what it must not be able to do, and what it
// must.
// Prints a line for each: its name and "ok" or the name of the errno. Not shipped.
// Usage: confined_probe free|confined|sealed|names|writer|namespaces|walker READABLE_FOLDER
//        WRITABLE_FOLDER PORT
// PORT and the one after the next are its own. "sealed" is what a server is once it has started.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <future>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "exporter/confinement/confinement.h"
#include "kernel/unique_fd.h"

namespace conntrack::exporter::confinement {
namespace {

/// Runs one try, which yields a negative number and errno where it fails.
void Try(std::string_view name, const std::function<long()>& action) {
  errno = 0;
  const bool ok = action() >= 0;
  std::cout << name << " " << (ok ? "ok" : ::strerrorname_np(errno)) << "\n";
}

long Open(const std::string& path, int flags) {
  return kernel::UniqueFd(::open(path.c_str(), flags | O_CLOEXEC, 0600)) ? 0 : -1;
}

long Socket(int family, int type, int protocol) {
  return kernel::UniqueFd(::socket(family, type | SOCK_CLOEXEC, protocol)) ? 0 : -1;
}

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// `call` on a TCP socket, with the address of a port of this host.
template <class Call>
long WithTcp(int port, Call call) {
  const kernel::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return -1;
  const auto address = Loopback(port);
  return call(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

/// A TCP socket that listens on this port of loopback, and a connection to itself.
struct Server {
  kernel::UniqueFd listener, client, accepted;
};

Server Listen(int port) {
  Server server;
  const auto address = Loopback(port);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  server.listener = kernel::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
  server.client = kernel::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(server.listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  Try("listen", [&] {
    const bool bound = ::bind(server.listener.get(), generic, sizeof address) == 0;
    return bound ? ::listen(server.listener.get(), 8) : -1;
  });
  Try("connect to itself", [&] { return ::connect(server.client.get(), generic, sizeof address); });
  server.accepted =
      kernel::UniqueFd(::accept4(server.listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  return server;
}

struct Pipe {
  kernel::UniqueFd in, out;
};

Pipe MakePipe() {
  int ends[2] = {-1, -1};
  static_cast<void>(::pipe2(ends, O_CLOEXEC));
  return {kernel::UniqueFd(ends[0]), kernel::UniqueFd(ends[1])};
}

/// Another process, made before the confinement, which lives as long as this one.
struct Victim {
  pid_t process = -1;
  kernel::UniqueFd alive;  // its end is that of the victim
  kernel::UniqueFd leash;
};

Victim MakeVictim() {
  auto alive = MakePipe(), leash = MakePipe();
  const auto process = ::fork();
  if (process == 0) {
    leash.out = {};
    char end;
    ::_exit(static_cast<int>(::read(leash.in.get(), &end, 1)));
  }
  return {process, std::move(alive.in), std::move(leash.out)};
}

/// Has the kernel send the signal, once the pipe can be read.
long KillByDescriptor(const Victim& victim) {
  const auto [in, out] = MakePipe();
  if (::fcntl(in.get(), F_SETOWN, victim.process) != 0) return -1;
  if (::fcntl(in.get(), F_SETSIG, SIGKILL) != 0) return -1;
  if (::fcntl(in.get(), F_SETFL, O_ASYNC) != 0) return -1;
  if (::write(out.get(), "", 1) != 1) return -1;
  char end;
  return ::read(victim.alive.get(), &end, 1) == 0 ? 0 : -1;
}

long Fork() {
  const auto child = ::fork();
  if (child == 0) ::_exit(0);
  return child;
}

long Map(int protection) {
  void* map = ::mmap(nullptr, 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return map == MAP_FAILED ? -1 : ::munmap(map, 4096);
}

long Protect(int protection) {
  void* map = ::mmap(nullptr, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return ::mprotect(map, 4096, protection);
}

long MapFile(const std::string& path, int protection) {
  const kernel::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  void* map = ::mmap(nullptr, 4096, protection, MAP_PRIVATE, fd.get(), 0);
  return map == MAP_FAILED ? -1 : ::munmap(map, 4096);
}

long Thread() {
  std::thread([] { ::prctl(PR_SET_NAME, "named"); }).join();
  return 0;
}

long Throw() {
  auto thrown = std::async(std::launch::async, [] { throw std::runtime_error("thrown"); });
  try {
    thrown.get();
  } catch (const std::exception&) {
    return 0;
  }
  return -1;
}

long EnterOwnNetwork(int kind) {
  const kernel::UniqueFd fd(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  return ::syscall(SYS_setns, fd.get(), kind);
}

void TryDescriptors(const Victim& victim) {
  const kernel::UniqueFd fd(::eventfd(0, EFD_CLOEXEC));
  Try("descriptor flags", [&] { return ::fcntl(fd.get(), F_SETFD, ::fcntl(fd.get(), F_GETFD)); });
  Try("do not block",
      [&] { return ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK); });
  Try("duplicate",
      [&] { return kernel::UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0)) ? 0 : -1; });
  Try("kill by a descriptor", [&] { return KillByDescriptor(victim); });
  Try("owner", [&] { return ::fcntl(fd.get(), F_SETOWN, ::getppid()); });
  Try("owner of another kind", [&] {
    const f_owner_ex owner{F_OWNER_PID, ::getppid()};
    return ::fcntl(fd.get(), F_SETOWN_EX, &owner);
  });
  Try("signal of a descriptor", [&] { return ::fcntl(fd.get(), F_SETSIG, SIGKILL); });
  Try("asynchronous", [&] { return ::fcntl(fd.get(), F_SETFL, O_ASYNC); });
  Try("lease", [&] { return ::fcntl(fd.get(), F_SETLEASE, F_UNLCK); });
  Try("watch a folder", [&] { return ::fcntl(fd.get(), F_NOTIFY, 0); });
  int number = ::getppid();
  Try("asynchronous by ioctl", [&] { return ::ioctl(fd.get(), FIOASYNC, &number); });
  const kernel::UniqueFd tcp(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  Try("owner by ioctl", [&] { return ::ioctl(tcp.get(), FIOSETOWN, &number); });
  Try("group by ioctl", [&] { return ::ioctl(tcp.get(), SIOCSPGRP, &number); });
}

void TryTimers() {
  Try("alarm", [] { return static_cast<long>(::alarm(0)); });
  Try("interval timer", [] {
    const itimerval none{};
    return ::setitimer(ITIMER_REAL, &none, nullptr);
  });
  Try("timer that signals a thread", [] {
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGKILL;
    event._sigev_un._tid = ::gettid();
    int timer = 0;
    return ::syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer);
  });
  Try("signal at the end of the parent", [] { return ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
}

void TryProcesses() {
  char* const words[] = {nullptr};
  Try("thread", Thread);
  Try("exception", Throw);
  Try("execve", [&] { return ::execve("/nowhere", words, words); });
  Try("execveat", [&] { return ::syscall(SYS_execveat, -1, "/nowhere", words, words, 0); });
  Try("fork", Fork);
  Try("clone3", [] { return ::syscall(SYS_clone3, nullptr, 0); });
  Try("new namespace", [] { return ::unshare(CLONE_NEWUTS); });
  Try("setns net", [] { return EnterOwnNetwork(CLONE_NEWNET); });
  Try("setns any", [] { return EnterOwnNetwork(0); });
  Try("ptrace", [] { return ::ptrace(PTRACE_ATTACH, -1, nullptr, nullptr); });
  Try("process_vm_readv",
      [] { return ::syscall(SYS_process_vm_readv, ::getpid(), nullptr, 0, nullptr, 0, 0); });
  Try("signal to the parent", [] { return ::kill(::getppid(), 0); });
  Try("tgkill to the parent", [] { return ::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0); });
  Try("signal to itself", [] { return ::syscall(SYS_tgkill, ::getpid(), ::gettid(), 0); });
  Try("set limit", [] {
    rlimit limit{};
    ::getrlimit(RLIMIT_CORE, &limit);
    return ::setrlimit(RLIMIT_CORE, &limit);
  });
  Try("dumpable again", [] { return ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); });
  Try("setuid", [] { return ::syscall(SYS_setuid, ::getuid()); });
  Try("capset",
      [] { return ::syscall(SYS_capset, nullptr, nullptr) < 0 && errno == EFAULT ? 0 : -1; });
}

/// With a file that is no program and no map, and a kind that is not there.
long Bpf(int command) {
  bpf_attr attributes;
  std::memset(&attributes, 0xff, sizeof attributes);
  return ::syscall(SYS_bpf, command, &attributes, sizeof attributes);
}

void TryKernel() {
  Try("mount", [] { return ::mount("none", "/nowhere", "tmpfs", 0, nullptr); });
  Try("umount", [] { return ::umount2("/nowhere", 0); });
  Try("bpf", [] { return ::syscall(SYS_bpf, -1, nullptr, 0); });
  Try("bpf run", [] { return Bpf(BPF_PROG_TEST_RUN); });
  Try("bpf program", [] { return Bpf(BPF_PROG_LOAD); });
  Try("bpf map", [] { return Bpf(BPF_MAP_CREATE); });
  Try("bpf write", [] { return Bpf(BPF_MAP_UPDATE_ELEM); });
  Try("bpf attach", [] { return Bpf(BPF_PROG_ATTACH); });
  Try("bpf link", [] { return Bpf(BPF_LINK_CREATE); });
  Try("bpf map of others", [] { return Bpf(BPF_MAP_GET_FD_BY_ID); });
  Try("perf_event_open", [] { return ::syscall(SYS_perf_event_open, nullptr, 0, 0, 0, 0); });
  Try("io_uring", [] { return ::syscall(SYS_io_uring_setup, 0, nullptr); });
  Try("memfd_create", [] { return ::syscall(SYS_memfd_create, nullptr, 0); });
  Try("keyctl", [] { return ::syscall(SYS_keyctl, -1, 0, 0, 0, 0); });
  Try("open_by_handle_at", [] { return ::syscall(SYS_open_by_handle_at, -1, nullptr, 0); });
  Try("reboot", [] { return ::syscall(SYS_reboot, 0, 0, 0, nullptr); });
  Try("sethostname", [] { return ::syscall(SYS_sethostname, nullptr, -1); });
  Try("userfaultfd", [] { return ::syscall(SYS_userfaultfd, -1); });
  Try("seccomp of another kind", [] {
    const std::uint32_t action = SECCOMP_RET_ALLOW;
    return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
  });
  Try("filter", [] {
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, nullptr) < 0 && errno == EFAULT ? 0
                                                                                              : -1;
  });
  Try("writable code", [] { return Map(PROT_READ | PROT_WRITE | PROT_EXEC); });
  Try("nameless code", [] { return Map(PROT_READ | PROT_EXEC); });
  Try("code later", [] { return Protect(PROT_READ | PROT_EXEC); });
  Try("memory", [] { return Map(PROT_READ | PROT_WRITE); });
}

void TrySockets(int port) {
  Try("tcp", [] { return Socket(AF_INET, SOCK_STREAM, 0); });
  Try("tcp 6", [] { return Socket(AF_INET6, SOCK_STREAM, 0); });
  Try("ctnetlink", [] { return Socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER); });
  Try("route netlink", [] { return Socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE); });
  Try("udp", [] { return Socket(AF_INET, SOCK_DGRAM, 0); });
  Try("raw socket", [] { return Socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); });
  Try("packet socket", [] { return Socket(AF_PACKET, SOCK_RAW, 0); });
  Try("mptcp", [] { return Socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP); });
  Try("mptcp 6", [] { return Socket(AF_INET6, SOCK_STREAM, IPPROTO_MPTCP); });
  Try("unix socket", [] { return Socket(AF_UNIX, SOCK_STREAM, 0); });
  Try("vsock", [] { return Socket(AF_VSOCK, SOCK_STREAM, 0); });
  Try("bind own port", [&] { return WithTcp(port, ::bind); });
  Try("bind other port", [&] { return WithTcp(port + 1, ::bind); });
  Try("connect to own port", [&] { return WithTcp(port + 2, ::connect); });
  Try("connect to other port", [&] { return WithTcp(22, ::connect); });
  Try("connect by sending", [&] {
    return WithTcp(port, [](int fd, const sockaddr* to, socklen_t size) {
      return ::sendto(fd, "", 0, MSG_FASTOPEN | MSG_NOSIGNAL, to, size);
    });
  });
  Try("ask a driver", [] { return ::ioctl(-1, SIOCETHTOOL, "") < 0 && errno == EBADF ? 0 : -1; });
  Try("set an address", [] { return ::ioctl(-1, SIOCSIFADDR, ""); });
  Try("terminal input", [] { return ::ioctl(-1, TIOCSTI, ""); });
}

/// With sockets from before.
void TryServer(const Server& server, int port) {
  Try("send", [&] { return ::send(server.client.get(), "x", 1, MSG_NOSIGNAL); });
  Try("receive", [&] {
    char got = 0;
    return ::recv(server.accepted.get(), &got, 1, 0) == 1 ? 0 : -1;
  });
  Try("accept", [&] {
    const bool none = ::fcntl(server.listener.get(), F_SETFL, O_NONBLOCK) == 0 &&
                      ::accept4(server.listener.get(), nullptr, nullptr, SOCK_CLOEXEC) < 0;
    return none && errno == EAGAIN ? 0 : -1;
  });
  Try("bind netlink", [] {
    const kernel::UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    return ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  });
  Try("listen again", [&] { return ::listen(server.listener.get(), 8); });
  Try("listen without bind", [] {
    const kernel::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return ::listen(fd.get(), 8);
  });
  Try("connect again", [&] {
    const auto address = Loopback(port);
    const int code =
        ::connect(server.client.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return code == 0 || errno == EISCONN ? 0 : -1;
  });
}

void TryFiles(const std::string& readable, const std::string& writable) {
  Try("code of a file", [&] { return MapFile(readable + "/file", PROT_READ | PROT_EXEC); });
  Try("read what is allowed", [&] { return Open(readable + "/file", O_RDONLY); });
  Try("write there", [&] { return Open(readable + "/file", O_WRONLY); });
  Try("truncate there", [&] { return Open(readable + "/file", O_RDONLY | O_TRUNC); });
  Try("make a file there", [&] { return Open(readable + "/new", O_RDWR | O_CREAT); });
  Try("nameless file there", [&] { return Open(readable, O_RDWR | O_TMPFILE); });
  Try("read and write", [&] { return Open(writable + "/made", O_RDWR | O_CREAT); });
  Try("rename", [&] { return ::rename((writable + "/made").c_str(), (writable + "/x").c_str()); });
  Try("rename out", [&] { return ::rename((writable + "/x").c_str(), (readable + "/x").c_str()); });
  Try("unlink", [&] { return ::unlink((writable + "/x").c_str()); });
  Try("link", [&] { return ::symlink("/nowhere", (writable + "/link").c_str()); });
  Try("chmod", [&] { return ::chmod((readable + "/file").c_str(), 0600); });
  Try("read /etc/shadow", [] { return Open("/etc/shadow", O_RDONLY); });
  Try("list the root", [] { return Open("/", O_RDONLY | O_DIRECTORY); });
  Try("openat2", [] { return ::syscall(SYS_openat2, AT_FDCWD, "/", nullptr, 0); });
  Try("read /proc", [] { return Open("/proc/self/status", O_RDONLY); });
  Try("memory of the parent",
      [] { return Open("/proc/" + std::to_string(::getppid()) + "/environ", O_RDONLY); });
}

Needs NeedsOf(std::string_view mode, const std::string& readable, const std::string& writable,
              int port) {
  Needs needs;
  needs.read = {"/proc", readable};
  needs.listen_ports = {static_cast<std::uint16_t>(port), static_cast<std::uint16_t>(port + 2)};
  needs.looks_up_names = mode == "names" || mode == "sealed";
  if (mode == "writer") needs.write = {writable};
  needs.runs_bpf = mode == "walker";
  needs.asks_drivers = mode == "drivers";
  if (mode == "namespaces") {
    needs.looks_into_processes = "netns";
    needs.capabilities.Add(Capability::kSysAdmin);
  }
  return needs;
}

Confinement ConfineAndSay(const Needs& needs) {
  auto done = Confine(needs);
  if (!done.system_calls) std::cout << "SYSTEM CALLS " << done.system_calls.error().message << "\n";
  if (!done.files) std::cout << "FILES " << done.files.error().message << "\n";
  if (done.files) std::cout << "landlock " << *done.files << "\n";
  return done;
}

int Run(std::string_view mode, const std::string& readable, const std::string& writable, int port) {
  const auto victim = MakeVictim();
  Confinement done;
  if (mode != "free") done = ConfineAndSay(NeedsOf(mode, readable, writable, port));
  const auto server = Listen(port + 2);
  // In a thread that is older than the seal, which holds for all of them.
  std::promise<void> begin;
  std::thread tries([&, begun = begin.get_future()]() mutable {
    begun.wait();
    TryDescriptors(victim);
    TryTimers();
    TryProcesses();
    TryKernel();
    TryServer(server, port + 2);
    TrySockets(port);
    TryFiles(readable, writable);
  });
  if (mode == "sealed") {
    const auto sealed = SealAfterStart(done);
    if (!sealed) std::cout << "SEAL " << sealed.error().message << "\n";
  }
  begin.set_value();
  tries.join();
  return 0;
}

}  // namespace
}  // namespace conntrack::exporter::confinement

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  return conntrack::exporter::confinement::Run(argv[1], argv[2], argv[3], std::atoi(argv[4]));
}
