#include "kernel/bpf/loading_process.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <string>

namespace conntrack::kernel::bpf {
namespace {

constexpr std::size_t kLongestText = 1000;

/// The reply. Descriptors are sent with it.
struct Reply {
  bool loaded = false;
  ErrorKind kind = ErrorKind::kIo;
  int code = 0;
  std::array<char, kLongestText> message{};
  std::array<char, kLongestText> remedy{};
};

using Control = std::array<char, CMSG_SPACE(kMostHandles * sizeof(int))>;

void CopyText(const std::string& text, std::array<char, kLongestText>& to) {
  std::copy_n(text.begin(), std::min(text.size(), to.size() - 1), to.begin());
}

Reply MakeReply(const Result<Handles>& loaded) {
  Reply reply;
  reply.loaded = loaded.has_value();
  if (loaded) return reply;
  reply.kind = loaded.error().kind;
  reply.code = loaded.error().code;
  CopyText(loaded.error().message, reply.message);
  CopyText(loaded.error().remedy, reply.remedy);
  return reply;
}

bool Send(int socket, const Result<Handles>& loaded) {
  auto reply = MakeReply(loaded);
  std::array<int, kMostHandles> fds{};
  std::size_t count = 0;
  if (loaded) {
    for (const auto& handle : *loaded) fds.at(count++) = handle.get();
  }
  iovec data{&reply, sizeof(reply)};
  alignas(cmsghdr) Control control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  if (count > 0) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    std::memcpy(CMSG_DATA(header), fds.data(), count * sizeof(int));
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof(reply));
}

/// Takes ownership of the descriptors that came with a message.
Handles TakeDescriptors(msghdr& message) {
  Handles owned;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    std::array<int, kMostHandles> fds{};
    const auto count = std::min((header->cmsg_len - CMSG_LEN(0)) / sizeof(int), kMostHandles);
    std::memcpy(fds.data(), CMSG_DATA(header), count * sizeof(int));
    for (std::size_t i = 0; i < count; ++i) owned.emplace_back(fds[i]);
  }
  return owned;
}

Result<Handles> Receive(int socket) {
  Reply reply;
  iovec data{&reply, sizeof(reply)};
  alignas(cmsghdr) Control control{};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  auto owned = TakeDescriptors(message);
  if (got != static_cast<ssize_t>(sizeof(reply))) {
    return Fail(ErrorKind::kIo, "the process that loads the BPF programs ended unexpectedly",
                "it needs about 16 MB of memory for a moment; see the kernel log");
  }
  if (!reply.loaded) {
    return Fail(Error{reply.kind, reply.code, reply.message.data(), reply.remedy.data()});
  }
  return owned;
}

[[noreturn]] void ReplyAndExit(int socket, const std::function<Result<Handles>()>& load) {
  bool sent = false;
  try {
    sent = Send(socket, load());
  } catch (const std::exception& exception) {
    sent = Send(socket,
                Fail(ErrorKind::kIo, std::string("loading the BPF programs: ") + exception.what()));
  }
  ::_exit(sent ? 0 : 1);
}

}  // namespace

Result<Handles> LoadInChildProcess(const std::function<Result<Handles>()>& load) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return Fail(ErrorFromErrno(errno, "making a socket to load BPF programs through"));
  }
  const UniqueFd ours(ends[0]);
  UniqueFd theirs(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return Fail(ErrorFromErrno(errno, "making a process to load BPF programs in"));
  if (child == 0) {
    // The child has all capabilities. It must not outlive a parent that does not wait for it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ReplyAndExit(theirs.get(), load);
  }
  theirs.reset();
  auto loaded = Receive(ours.get());
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  return loaded;
}

}  // namespace conntrack::kernel::bpf
