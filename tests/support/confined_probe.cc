// Confines itself as the exporter does, then tries what it must not be able to do, and what it
// must.
// Prints a line for each: its name and "ok" or the name of the errno. Not shipped.
// Usage: confined_probe free|confined|writer|namespaces|walker READABLE_FOLDER WRITABLE_FOLDER PORT
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
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

long Thread() {
  std::thread([] {}).join();
  return 0;
}

long EnterOwnNetwork(int kind) {
  const kernel::UniqueFd fd(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  return ::syscall(SYS_setns, fd.get(), kind);
}

void TryProcesses() {
  char* const words[] = {nullptr};
  Try("thread", Thread);
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
  Try("writable code", [] { return Map(PROT_READ | PROT_WRITE | PROT_EXEC); });
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
  Try("unix socket", [] { return Socket(AF_UNIX, SOCK_STREAM, 0); });
  Try("vsock", [] { return Socket(AF_VSOCK, SOCK_STREAM, 0); });
  Try("bind own port", [&] { return WithTcp(port, ::bind); });
  Try("bind other port", [&] { return WithTcp(port + 1, ::bind); });
  Try("connect", [&] { return WithTcp(port, ::connect); });
  Try("connect by sending", [&] {
    return WithTcp(port, [](int fd, const sockaddr* to, socklen_t size) {
      return ::sendto(fd, "", 0, MSG_FASTOPEN | MSG_NOSIGNAL, to, size);
    });
  });
  Try("terminal input", [] { return ::ioctl(-1, TIOCSTI, ""); });
}

void TryFiles(const std::string& readable, const std::string& writable) {
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

int Run(std::string_view mode, const std::string& readable, const std::string& writable, int port) {
  Needs needs;
  needs.read = {"/proc", readable};
  needs.listen_ports = {static_cast<std::uint16_t>(port)};
  if (mode == "writer") needs.write = {writable};
  needs.runs_bpf = mode == "walker";
  if (mode == "namespaces") {
    needs.looks_into_processes = "netns";
    needs.capabilities.Add(Capability::kSysAdmin);
  }
  if (mode != "free") {
    const auto done = Confine(needs);
    if (!done.system_calls)
      std::cout << "SYSTEM CALLS " << done.system_calls.error().message << "\n";
    if (!done.files) std::cout << "FILES " << done.files.error().message << "\n";
    if (done.files) std::cout << "landlock " << *done.files << "\n";
  }
  TryProcesses();
  TryKernel();
  TrySockets(port);
  TryFiles(readable, writable);
  return 0;
}

}  // namespace
}  // namespace conntrack::exporter::confinement

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  return conntrack::exporter::confinement::Run(argv[1], argv[2], argv[3], std::atoi(argv[4]));
}
