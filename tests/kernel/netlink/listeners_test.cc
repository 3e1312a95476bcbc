#include "kernel/netlink/listeners.h"

#include <gmock/gmock.h>
#include <linux/inet_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "tests/support/message_builder.h"
#include "tests/support/process_tree.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

/// A message about a socket on 192.0.2.1:443, with attributes behind it.
test::ByteVector Message(const test::ByteVector& attributes = {}) {
  inet_diag_msg message{};
  message.idiag_family = AF_INET;
  message.idiag_inode = 54321;
  message.id.idiag_sport = htobe16(443);
  const auto address = test::AddressOf("192.0.2.1");
  std::memcpy(message.id.idiag_src, address.data(), 4);
  // The kernel leaves what is behind an address of IPv4 as it was.
  message.id.idiag_src[1] = 0xdeadbeef;
  test::ByteVector bytes(sizeof(message));
  std::memcpy(bytes.data(), &message, sizeof(message));
  bytes.insert(bytes.end(), attributes.begin(), attributes.end());
  return bytes;
}

test::ByteVector CgroupAttribute(std::uint64_t cgroup) {
  const nlattr header{.nla_len = sizeof(nlattr) + sizeof(cgroup), .nla_type = INET_DIAG_CGROUP_ID};
  test::ByteVector bytes(header.nla_len);
  std::memcpy(bytes.data(), &header, sizeof(header));
  std::memcpy(bytes.data() + sizeof(header), &cgroup, sizeof(cgroup));
  return bytes;
}

bool Always() { return true; }

TEST(Listeners, HaveAnAddressAPortAndSinceLinux59ACgroup) {
  const Listener listener{AF_INET, IPPROTO_TCP, 443, test::AddressOf("192.0.2.1"),
                          false,   54321,       {}};
  EXPECT_EQ(DecodeListener(Message(), IPPROTO_TCP), listener);
  auto with_cgroup = listener;
  with_cgroup.cgroup = 0x1234567890;
  EXPECT_EQ(DecodeListener(Message(CgroupAttribute(0x1234567890)), IPPROTO_TCP), with_cgroup);
}

TEST(Listeners, AMessageThatIsCutOffIsNone) {
  const auto message = Message();
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_EQ(DecodeListener(Bytes(message).first(size), IPPROTO_TCP), std::nullopt) << size;
  }
}

TEST(Listeners, OfTheRunningKernelAreRead) {
  const Presence presence(KernelFiles("/proc"), KernelFiles("/sys"));
  if (!presence.SockDiag()) GTEST_SKIP() << presence.SockDiag().error().message;
  const int socket = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 bound{};
  bound.sin6_family = AF_INET6;
  bound.sin6_addr = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}}};
  socklen_t size = sizeof(bound);
  ASSERT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&bound), size), 0);
  ASSERT_EQ(::listen(socket, 1), 0);
  ASSERT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size), 0);
  const auto listeners = ReadListeners(presence);
  ::close(socket);
  ASSERT_TRUE(listeners) << listeners.error().message;
  const auto found = std::ranges::find(*listeners, be16toh(bound.sin6_port), &Listener::port);
  ASSERT_NE(found, listeners->end());
  EXPECT_EQ(found->family, AF_INET) << "it is bound to an IPv4 address";
  EXPECT_EQ(found->address, test::AddressOf("127.0.0.1"));
}

TEST(Cgroups, AreFoundByTheInodesOfTheirFolders) {
  test::TempTree tree;
  tree.Write("fs/cgroup/system.slice/nginx.service/cgroup.procs", "");
  tree.Write("fs/cgroup/user.slice/cgroup.procs", "");
  const KernelFiles sys(tree.root());
  const auto nginx = sys.Inode("fs/cgroup/system.slice/nginx.service").value();
  const auto file = sys.Inode("fs/cgroup/user.slice/cgroup.procs").value();
  EXPECT_THAT(FindCgroups(sys, {nginx, file, 1}, Always),
              testing::UnorderedElementsAre(testing::Pair(nginx, "/system.slice/nginx.service")));
  EXPECT_THAT(FindCgroups(KernelFiles(tree.root() / "none"), {1}, Always), testing::IsEmpty());
}

TEST(Cgroups, OfAHybridHostAreBelowUnified) {
  test::TempTree tree;
  tree.Write("fs/cgroup/memory/a.service/x", "");
  tree.Write("fs/cgroup/unified/b.service/x", "");
  const KernelFiles sys(tree.root());
  const auto one = sys.Inode("fs/cgroup/memory/a.service").value();
  const auto two = sys.Inode("fs/cgroup/unified/b.service").value();
  EXPECT_THAT(FindCgroups(sys, {one, two}, Always),
              testing::UnorderedElementsAre(testing::Pair(two, "/b.service")));
}

TEST(Holders, AreTheProcessesThatHaveTheSocketsOpen) {
  test::TempTree tree;
  std::filesystem::permissions(tree.root(), std::filesystem::perms(0755));
  tree.Link("1/fd/3", "socket:[101]").Link("1/fd/4", "socket:[102]").Link("1/fd/5", "/dev/null");
  tree.Link("20/fd/3", "socket:[101]").Link("20/fd/4", "pipe:[103]").Link("20/fd/5", "socket:[x]");
  const KernelFiles proc(tree.root());
  EXPECT_THAT(FindHolders(proc, {1, 20, 21}, {101, 102, 103}, Always).processes,
              testing::UnorderedElementsAre(testing::Pair(101, 20), testing::Pair(102, 1)))
      << "21 has ended; systemd has 101 open as well as the service";
  // As without CAP_SYS_PTRACE: the folder can be listed, its links cannot be read.
  std::filesystem::permissions(tree.root() / "1/fd", std::filesystem::perms::others_read);
  {
    const test::AsOrdinaryUser ordinary;
    EXPECT_EQ(FindHolders(proc, {1}, {101}, Always).refused, 1U);
  }
  EXPECT_THAT(FindHolders(proc, {1}, {101}, [] { return false; }).processes, testing::IsEmpty());
}

}  // namespace
}  // namespace conntrack::kernel
