#include "kernel/namespaces/local_addresses.h"

#include <gmock/gmock.h>
#include <sys/socket.h>

#include "tests/support/message_builder.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

using test::AddressOf;
using testing::ElementsAre;
using testing::IsEmpty;

// As the kernel wrote it; the routes of Local are those of Main once more.
constexpr const char* kFibTrie = R"(Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 192.0.2.0/24 2 0 2
        +-- 192.0.2.0/30 2 0 2
           |-- 192.0.2.0
              /24 link UNICAST
           |-- 192.0.2.2
              /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
        |-- 192.0.2.9
           /32 universe UNICAST
Local:
     |-- 192.0.2.2
        /32 host LOCAL
)";

TEST(LocalAddresses, OfIpv4AreTheHostRoutesOfTheTrieEachOnce) {
  EXPECT_THAT(ParseFibTrie(kFibTrie), ElementsAre(LocalAddress{AF_INET, AddressOf("127.0.0.1")},
                                                  LocalAddress{AF_INET, AddressOf("192.0.2.2")}));
}

TEST(LocalAddresses, OfIpv6AreTheFirstColumn) {
  EXPECT_THAT(ParseIfInet6("00000000000000000000000000000001 01 80 10 80       lo\n"
                           "20010db8000000000000000000000002 04 40 00 82     eth0\n"),
              ElementsAre(LocalAddress{AF_INET6, AddressOf("::1")},
                          LocalAddress{AF_INET6, AddressOf("2001:db8::2")}));
}

TEST(LocalAddresses, WhatIsNotUnderstoodIsSkipped) {
  EXPECT_THAT(
      ParseFibTrie("/32 host LOCAL\n|-- 10.0.0.999\n/32 host LOCAL\n|--\n\xff\n|-- 10.0.0.1"),
      IsEmpty());
  EXPECT_THAT(ParseIfInet6("20010db8 04\nzz010db8000000000000000000000002 04\n\n"), IsEmpty());
}

TEST(LocalAddresses, OfANamespaceWithoutIpv6AreThoseOfIpv4) {
  test::TempTree tree;
  const KernelFiles proc(tree.root());
  EXPECT_EQ(ReadLocalAddresses(proc, "7/net").error().kind, ErrorKind::kAbsent);
  tree.Write("7/net/fib_trie", kFibTrie);
  EXPECT_EQ(ReadLocalAddresses(proc, "7/net").value().size(), 2U);
  tree.Write("7/net/if_inet6", "00000000000000000000000000000001 01 80 10 80       lo\n");
  EXPECT_EQ(ReadLocalAddresses(proc, "7/net").value().size(), 3U);
}

}  // namespace
}  // namespace conntrack::kernel
