#include "kernel/netlink/listeners.h"

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

constexpr std::array<std::uint8_t, 2> kFamilies = {AF_INET, AF_INET6};
constexpr std::array<std::uint8_t, 2> kProtocols = {IPPROTO_TCP, IPPROTO_UDP};

struct CloseSocket {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};

/// One request. Only dumps can be requested.
struct Request {
  nlmsghdr header;
  inet_diag_req_v2 query;
};

Request RequestFor(std::uint8_t family, std::uint8_t protocol, std::uint32_t sequence) {
  Request request{};
  request.header = {.nlmsg_len = sizeof(request),
                    .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                    .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                    .nlmsg_seq = sequence,
                    .nlmsg_pid = 0};
  request.query.sdiag_family = family;
  request.query.sdiag_protocol = protocol;
  request.query.idiag_states = 1U << (protocol == IPPROTO_TCP ? TCP_LISTEN : TCP_CLOSE);
  return request;
}

/// Returns the inode in "socket:[12345]", the target of a link in /proc/PID/fd.
std::optional<std::uint64_t> ParseSocketLink(std::string_view link) {
  if (!TakePrefix(link, "socket:[") || !link.ends_with(']')) return std::nullopt;
  return ParseNumber<std::uint64_t>(link.substr(0, link.size() - 1));
}

/// Replaces ::ffff:192.0.2.1 by 192.0.2.1.
void UnmapIpv4(Listener& listener) {
  constexpr std::size_t kIpv4At = 12;
  auto& address = listener.address;
  constexpr std::array<std::uint8_t, kIpv4At> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (listener.family != AF_INET6 || !std::equal(kMapped.begin(), kMapped.end(), address.begin())) {
    return;
  }
  listener.family = AF_INET;
  std::copy(address.begin() + kIpv4At, address.end(), address.begin());
  std::fill(address.begin() + sizeof(in_addr), address.end(), 0);
}

}  // namespace

std::optional<Listener> DecodeListener(Bytes payload, std::uint8_t protocol) {
  inet_diag_msg message;
  if (payload.size() < sizeof(message)) return std::nullopt;
  std::memcpy(&message, payload.data(), sizeof(message));
  Listener listener;
  listener.family = message.idiag_family;
  listener.protocol = protocol;
  listener.port = be16toh(message.id.idiag_sport);
  listener.inode = message.idiag_inode;
  std::memcpy(listener.address.data(), message.id.idiag_src,
              listener.family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
  UnmapIpv4(listener);
  ForEachAttribute(payload.subspan(NLMSG_ALIGN(sizeof(message))),
                   [&](std::uint16_t type, Bytes value) {
                     if (type == INET_DIAG_CGROUP_ID) {
                       listener.cgroup = ReadRaw<std::uint64_t>(value);
                     } else if (type == INET_DIAG_SKV6ONLY) {
                       listener.only_ipv6 = ReadU8(value).value_or(0) != 0;
                     }
                   });
  return listener;
}

Result<std::vector<Listener>> ReadListeners(const Presence& presence) {
  if (auto there = presence.SockDiag(); !there) return Fail(std::move(there.error()));
  const std::unique_ptr<mnl_socket, CloseSocket> socket(
      mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC));
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
    return Fail(ErrorFromErrno(errno, "opening a sock_diag netlink socket"));
  }
  constexpr timeval kPatience = {.tv_sec = 1, .tv_usec = 0};
  (void)::setsockopt(mnl_socket_get_fd(socket.get()), SOL_SOCKET, SO_RCVTIMEO, &kPatience,
                     sizeof(kPatience));
  std::vector<Listener> listeners;
  std::array<std::byte, 16384> buffer;
  std::uint32_t sequence = 0;
  for (const auto family : kFamilies) {
    for (const auto protocol : kProtocols) {
      const auto request = RequestFor(family, protocol, ++sequence);
      if (mnl_socket_sendto(socket.get(), &request, sizeof(request)) < 0) {
        return Fail(ErrorFromErrno(errno, "asking sock_diag"));
      }
      const ReplyFilter expected{mnl_socket_get_portid(socket.get()), sequence,
                                 SOCK_DIAG_BY_FAMILY};
      for (bool done = false; !done;) {
        const auto got = mnl_socket_recvfrom(socket.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return Fail(ErrorFromErrno(errno, "receiving from sock_diag"));
        const auto result = ForEachMessage(Bytes(buffer).first(static_cast<std::size_t>(got)),
                                           expected, [&](Bytes payload) {
                                             if (auto found = DecodeListener(payload, protocol))
                                               listeners.push_back(*found);
                                           });
        const bool no_ipv6 =
            !result && family == AF_INET6 && result.error().kind == ErrorKind::kAbsent;
        if (!result && !no_ipv6) return Fail(result.error());
        done = no_ipv6 || result->done;
      }
    }
  }
  return listeners;
}

std::unordered_map<std::uint64_t, std::string> FindCgroups(
    const KernelFiles& sys, std::unordered_set<std::uint64_t> ids,
    const std::function<bool()>& keep_going) {
  std::string top = "fs/cgroup/unified";
  if (!sys.Inode(top)) top = "fs/cgroup";
  std::unordered_map<std::uint64_t, std::string> paths;
  std::vector<std::string> folders = {top};
  while (!folders.empty() && !ids.empty() && keep_going()) {
    const auto folder = std::move(folders.back());
    folders.pop_back();
    const auto names = sys.Folders(folder);
    if (!names) continue;  // it is gone
    for (const auto& name : *names) {
      folders.emplace_back(folder).append("/").append(name);
      const auto inode = sys.Inode(folders.back());
      if (inode && ids.erase(*inode) > 0) {
        paths.emplace(*inode, folders.back().substr(top.size()));
      }
    }
  }
  return paths;
}

SocketHolders FindHolders(const KernelFiles& proc, const std::vector<ProcessId>& processes,
                          std::unordered_set<std::uint64_t> sockets,
                          const std::function<bool()>& keep_going) {
  SocketHolders holders;
  for (auto process = processes.rbegin(); process != processes.rend(); ++process) {
    if (sockets.empty()) break;
    const auto folder = std::to_string(*process) + "/fd";
    const auto files = proc.List(folder);
    bool refused = !files && files.error().kind == ErrorKind::kDenied;
    for (const auto& file : files.value_or(std::vector<std::string>())) {
      if (!keep_going()) return holders;
      const auto link = proc.ReadLink(std::string(folder).append("/").append(file));
      refused |= !link && link.error().kind == ErrorKind::kDenied;
      const auto socket = link ? ParseSocketLink(*link) : std::nullopt;
      if (socket && sockets.erase(*socket) > 0) holders.processes.emplace(*socket, *process);
    }
    if (refused) ++holders.refused;
  }
  return holders;
}

}  // namespace conntrack::kernel
