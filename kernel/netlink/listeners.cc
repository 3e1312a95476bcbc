#include "kernel/netlink/listeners.h"

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

namespace conntrack::kernel {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::uint8_t, 2> kFamilies = {AF_INET, AF_INET6};
constexpr std::array<std::uint8_t, 2> kProtocols = {IPPROTO_TCP, IPPROTO_UDP};

struct CloseSocket {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};

/// One question. All that can be asked is a dump.
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

/// Whether asking makes the kernel load a module. Their functions are in kallsyms once they are
/// there, built in or loaded.
Result<void> AreLoaded(const KernelFiles& proc, const KernelFiles& sys) {
  struct Module {
    const char* name;
    const char* function;
  };
  for (const auto& [name, function] :
       {Module{"inet_diag", " inet_diag_handler_cmd"}, Module{"tcp_diag", " tcp_diag_dump"},
        Module{"udp_diag", " udp_diag_dump"}}) {
    if (sys.Read(std::string("module/") + name + "/initstate").has_value()) continue;
    if (proc.Contains("kallsyms", function).value_or(false)) continue;
    return Fail(ErrorKind::kNotLoaded,
                std::string(name) + " is not loaded: which program serves a port cannot be read",
                "modprobe tcp_diag udp_diag, and name them in a file of /etc/modules-load.d");
  }
  return {};
}

}  // namespace

std::optional<Listener> DecodeListener(Bytes payload, std::uint8_t protocol) {
  inet_diag_msg message;
  if (payload.size() < sizeof(message)) return std::nullopt;
  std::memcpy(&message, payload.data(), sizeof(message));
  Listener listener{.family = message.idiag_family,
                    .protocol = protocol,
                    .port = be16toh(message.id.idiag_sport),
                    .address = {},
                    .cgroup = {}};
  std::memcpy(listener.address.data(), message.id.idiag_src,
              listener.family == AF_INET ? sizeof(in_addr) : sizeof(in6_addr));
  ForEachAttribute(payload.subspan(NLMSG_ALIGN(sizeof(message))),
                   [&](std::uint16_t type, Bytes value) {
                     if (type == INET_DIAG_CGROUP_ID) {
                       listener.cgroup = ReadRaw<std::uint64_t>(value);
                     }
                   });
  return listener;
}

Result<std::vector<Listener>> ReadListeners(const KernelFiles& proc, const KernelFiles& sys) {
  if (auto loaded = AreLoaded(proc, sys); !loaded) return Fail(std::move(loaded.error()));
  const std::unique_ptr<mnl_socket, CloseSocket> socket(
      mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC));
  if (!socket || mnl_socket_bind(socket.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
    return Fail(ErrorFromErrno(errno, "opening a sock_diag netlink socket"));
  }
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
        if (!result && result.error().kind != ErrorKind::kAbsent) return Fail(result.error());
        done = !result || result->done;  // kAbsent: no IPv6
      }
    }
  }
  return listeners;
}

std::unordered_map<std::uint64_t, std::string> FindCgroups(const KernelFiles& sys,
                                                           std::unordered_set<std::uint64_t> ids) {
  std::unordered_map<std::uint64_t, std::string> paths;
  const auto hybrid = sys.root() / "fs/cgroup/unified";
  std::error_code error;
  const auto top = fs::is_directory(hybrid, error) ? hybrid : sys.root() / "fs/cgroup";
  fs::recursive_directory_iterator folder(top, fs::directory_options::skip_permission_denied,
                                          error);
  while (!error && !ids.empty() && folder != fs::recursive_directory_iterator()) {
    std::error_code gone;
    if (folder->is_directory(gone)) {
      const auto path = folder->path().lexically_relative(sys.root());
      const auto inode = sys.Inode(path.native());
      if (inode && ids.erase(*inode) > 0) {
        paths.emplace(*inode, "/" + folder->path().lexically_relative(top).native());
      }
    }
    folder.increment(error);
  }
  return paths;
}

}  // namespace conntrack::kernel
