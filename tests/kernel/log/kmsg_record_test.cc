#include "kernel/log/kmsg_record.h"

#include <gtest/gtest.h>

namespace conntrack::kernel {
namespace {

using std::chrono::microseconds;

TEST(KmsgRecord, IsReadAsTheKernelWritesIt) {
  const auto record = ParseKmsgRecord(
      "4,938,13881611669,-;nf_conntrack: nf_conntrack: table full, dropping packet\n");
  ASSERT_TRUE(record.has_value()) << record.error().message;
  EXPECT_EQ(*record, (KmsgRecord{0, 4, 938, microseconds(13'881'611'669),
                                 "nf_conntrack: nf_conntrack: table full, dropping packet"}));
}

TEST(KmsgRecord, PriorityIsFacilityAndLevel) {
  const auto record = ParseKmsgRecord("12,1,2,-;from a process\n");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->facility, 1U);
  EXPECT_EQ(record->level, 4U);
}

TEST(KmsgRecord, LaterFieldsAndKeysAreNotThePartOfTheText) {
  const auto record =
      ParseKmsgRecord("6,339,5140900,c,caller=T12,later=x;NET: a; b\n SUBSYSTEM=net\n DEVICE=n2\n");
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->text, "NET: a; b");
}

TEST(KmsgRecord, EscapedBytesAreAsTheyWere) {
  EXPECT_EQ(ParseKmsgRecord("6,1,2,-;a\\x5cx41 \\x0a\\xff\n")->text, "a\\x41 \n\xff");
  EXPECT_EQ(ParseKmsgRecord("6,1,2,-;\\x4 \\xzz \\x\n")->text, "\\x4 \\xzz \\x");
}

TEST(KmsgRecord, EmptyTextAndAMissingEndAreFine) {
  EXPECT_EQ(ParseKmsgRecord("6,1,2,-;")->text, "");
  EXPECT_EQ(ParseKmsgRecord("6,1,2,-;cut o")->text, "cut o");
}

TEST(KmsgRecord, WhatIsNoneIsRefused) {
  for (const auto* text :
       {"", "\n", ";", "6,1,2,-", "6,1;text", "x,1,2,-;t", "6,x,2,-;t", "6,1,x,-;t", "-6,1,2,-;t",
        "6,1,99999999999999999999,-;t", "6,1,18446744073709551615,-;t"}) {
    const auto record = ParseKmsgRecord(text);
    ASSERT_FALSE(record.has_value()) << text;
    EXPECT_EQ(record.error().kind, ErrorKind::kMalformed);
  }
}

}  // namespace
}  // namespace conntrack::kernel
