#include "exporter/web/users/basic_credentials.h"

#include <gtest/gtest.h>

namespace conntrack::exporter::web {
namespace {

using namespace std::string_literals;

TEST(BasicCredentials, UserAndPassword) {
  EXPECT_EQ(ParseBasicCredentials("Basic YWxpY2U6c2VjcmV0"), (Credentials{"alice", "secret"}));
  EXPECT_EQ(ParseBasicCredentials("bAsIc YWxpY2U6c2VjcmV0"), (Credentials{"alice", "secret"}));
}

TEST(BasicCredentials, PasswordMayHoldColonsAndAnyByte) {
  EXPECT_EQ(ParseBasicCredentials("Basic YTpiOmM="), (Credentials{"a", "b:c"}));
  EXPECT_EQ(ParseBasicCredentials("Basic YToA/w=="), (Credentials{"a", "\0\xff"s}));
}

TEST(BasicCredentials, EitherMayBeEmpty) {
  EXPECT_EQ(ParseBasicCredentials("Basic Og=="), (Credentials{"", ""}));
}

TEST(BasicCredentials, WhatIsNone) {
  for (const char* header : {"", "Basic", "Basic ", "Bearer YWxpY2U6c2VjcmV0",
                             "BasicYWxpY2U6c2VjcmV0", "Basic YWxpY2U6c2VjcmV", "Basic YWxp=Y2U6",
                             "Basic YTpi===", "Basic ====", "Basic YWxpY2U6 c2VjcmV0",
                             "Basic YWxpY2U_c2VjcmV0", "Basic YWxpY2U="}) {
    EXPECT_FALSE(ParseBasicCredentials(header)) << header;
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
