// Writes what the running kernel says over ctnetlink about a varied table, a file for each
// datagram: the seeds of netlink_fuzzer. Usage: netlink_capture FOLDER
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
// Below the other, whose types it needs.
#include <linux/netfilter/nfnetlink_conntrack.h>

#include <array>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <system_error>

#include "tests/live/varied_table.h"

namespace {

using Socket = std::unique_ptr<mnl_socket, decltype(&mnl_socket_close)>;

constexpr unsigned kEventGroups = NF_NETLINK_CONNTRACK_NEW | NF_NETLINK_CONNTRACK_UPDATE;
// The kernel fills datagrams of at least a page.
constexpr std::size_t kBuffer = 16'384;
constexpr std::size_t kFilesOfAKind = 12;

Socket Open(unsigned groups) {
  Socket socket(mnl_socket_open2(NETLINK_NETFILTER, SOCK_NONBLOCK), &mnl_socket_close);
  if (!socket || mnl_socket_bind(socket.get(), groups, MNL_SOCKET_AUTOPID) < 0) {
    throw std::system_error(errno, std::generic_category(), "opening netlink");
  }
  return socket;
}

/// The kernel's answer is there when the request returns; so reading ends where it would block.
void Save(mnl_socket* socket, const std::filesystem::path& folder, const std::string& kind) {
  std::array<char, kBuffer> buffer{};
  for (std::size_t count = 0;; ++count) {
    const auto size = mnl_socket_recvfrom(socket, buffer.data(), buffer.size());
    if (size <= 0) return;
    if (count >= kFilesOfAKind) continue;
    std::ofstream(folder / (kind + "-" + std::to_string(count)), std::ios::binary)
        .write(buffer.data(), size);
  }
}

void Ask(const std::filesystem::path& folder, const std::string& kind, int subsystem, int message,
         std::uint16_t flags) {
  std::array<char, kBuffer> buffer{};
  auto* header = mnl_nlmsg_put_header(buffer.data());
  header->nlmsg_type = static_cast<std::uint16_t>(subsystem << 8 | message);
  header->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
  auto* generic = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
  generic->nfgen_family = AF_UNSPEC;
  generic->version = NFNETLINK_V0;
  const auto socket = Open(0);
  if (mnl_socket_sendto(socket.get(), header, header->nlmsg_len) < 0) {
    throw std::system_error(errno, std::generic_category(), "asking for " + kind);
  }
  Save(socket.get(), folder, kind);
}

int Capture(const std::filesystem::path& folder) {
  if (const auto trouble = conntrack::test::EnterOwnNamespace(); !trouble.empty()) {
    std::cerr << "netlink_capture: " << trouble << "\n";
    return 1;
  }
  std::filesystem::create_directories(folder);
  const auto events = Open(kEventGroups);
  const int flows = conntrack::test::FillVariedTable();
  Save(events.get(), folder, "event");
  Ask(folder, "flows", NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET, NLM_F_DUMP);
  Ask(folder, "cpu-stat", NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS_CPU, NLM_F_DUMP);
  Ask(folder, "stat", NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_GET_STATS, 0);
  Ask(folder, "expectation-stat", NFNL_SUBSYS_CTNETLINK_EXP, IPCTNL_MSG_EXP_GET_STATS_CPU,
      NLM_F_DUMP);
  std::cout << "captured a table of " << flows << " flows into " << folder.string() << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "Usage: netlink_capture FOLDER\n";
    return 2;
  }
  try {
    return Capture(argv[1]);
  } catch (const std::exception& exception) {
    std::cerr << "netlink_capture: " << exception.what() << "\n";
    return 1;
  }
}
