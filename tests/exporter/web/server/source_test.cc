#include "exporter/web/server/source.h"

#include <gtest/gtest.h>

namespace conntrack::exporter::web {
namespace {

TEST(SourceOf, Ipv4AddressIsItself) {
  EXPECT_EQ(SourceOf("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(SourceOf("::ffff:192.0.2.7"), "192.0.2.7");
}

TEST(SourceOf, Ipv6AddressIsItsNetwork) {
  EXPECT_EQ(SourceOf("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(SourceOf("2001:db8:1:2::ffff"), SourceOf("2001:db8:1:2:aaaa::1"));
  EXPECT_NE(SourceOf("2001:db8:1:2::1"), SourceOf("2001:db8:1:3::1"));
  EXPECT_EQ(SourceOf("fe80::1%eth0"), "fe80::/64");
}

TEST(SourceOf, WhatIsNoAddressStaysAsItIs) {
  EXPECT_EQ(SourceOf(""), "");
  EXPECT_EQ(SourceOf("nonsense%x"), "nonsense%x");
}

}  // namespace
}  // namespace conntrack::exporter::web
