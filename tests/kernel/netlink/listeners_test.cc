#include "kernel/netlink/listeners.h"

#include <gmock/gmock.h>
#include <linux/inet_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "tests/support/message_builder.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

/// A message about a socket on 192.0.2.1:443, with attributes behind it.
test::ByteVector Message(const test::ByteVector& attributes = {}) {
  inet_diag_msg message{};
  message.idiag_family = AF_INET;
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

TEST(Listeners, HaveAnAddressAPortAndSinceLinux59ACgroup) {
  const Listener listener{AF_INET, IPPROTO_TCP, 443, test::AddressOf("192.0.2.1"), {}};
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

TEST(Listeners, WhereAskingWouldLoadAModuleNothingIsAsked) {
  test::TempTree tree;
  tree.Write("proc/kallsyms", "0 t inet_diag_handler_cmd\n0 t tcp_diag_dump\n");
  const KernelFiles proc(tree.root() / "proc");
  const KernelFiles sys(tree.root() / "sys");
  const auto refused = ReadListeners(proc, sys);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kNotLoaded);
  EXPECT_THAT(refused.error().message, testing::StartsWith("udp_diag is not loaded"));
  tree.Write("sys/module/udp_diag/initstate", "live\n");
  const auto asked = ReadListeners(proc, sys);
  EXPECT_TRUE(asked || asked.error().kind != ErrorKind::kNotLoaded);
}

TEST(Cgroups, AreFoundByTheInodesOfTheirFolders) {
  test::TempTree tree;
  tree.Write("fs/cgroup/system.slice/nginx.service/cgroup.procs", "");
  tree.Write("fs/cgroup/user.slice/cgroup.procs", "");
  const KernelFiles sys(tree.root());
  const auto nginx = sys.Inode("fs/cgroup/system.slice/nginx.service").value();
  const auto file = sys.Inode("fs/cgroup/user.slice/cgroup.procs").value();
  EXPECT_THAT(FindCgroups(sys, {nginx, file, 1}),
              testing::UnorderedElementsAre(testing::Pair(nginx, "/system.slice/nginx.service")));
  EXPECT_THAT(FindCgroups(KernelFiles(tree.root() / "none"), {1}), testing::IsEmpty());
}

TEST(Cgroups, OfAHybridHostAreBelowUnified) {
  test::TempTree tree;
  tree.Write("fs/cgroup/memory/a.service/x", "");
  tree.Write("fs/cgroup/unified/b.service/x", "");
  const KernelFiles sys(tree.root());
  const auto one = sys.Inode("fs/cgroup/memory/a.service").value();
  const auto two = sys.Inode("fs/cgroup/unified/b.service").value();
  EXPECT_THAT(FindCgroups(sys, {one, two}),
              testing::UnorderedElementsAre(testing::Pair(two, "/b.service")));
}

}  // namespace
}  // namespace conntrack::kernel
