#include "kernel/log/kmsg.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <thread>

#include "tests/support/temp_tree.h"

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

using testing::HasSubstr;

TEST(KmsgDevice, WithoutADeviceItIsAbsentAndTheRemedyNamesIt) {
  test::TempTree tree;
  const auto port = OpenKmsg(tree.root() / "dev/kmsg", KernelFiles(tree.root()));
  ASSERT_FALSE(port.has_value());
  EXPECT_EQ(port.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(port.error().remedy, HasSubstr("/dev/kmsg"));
}

TEST(KmsgDevice, WhatContainersPutInItsPlaceIsRefused) {
  test::TempTree tree;
  tree.Write("dev/kmsg", "");
  std::filesystem::create_symlink("/dev/null", tree.root() / "dev/null");
  for (const auto* name : {"dev/kmsg", "dev/null"}) {
    const auto port = OpenKmsg(tree.root() / name, KernelFiles(tree.root()));
    ASSERT_FALSE(port.has_value()) << name;
    EXPECT_EQ(port.error().kind, ErrorKind::kAbsent) << name;
  }
}

/// Does the work in a thread without capabilities.
void WithoutCapabilities(const std::function<void()>& work) {
  std::thread([&work] {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    ASSERT_EQ(::syscall(SYS_capset, &header, none.data()), 0);
    work();
  }).join();
}

// Where this kernel restricts its log, it refuses by itself; where it does not, this shows that it
// is not asked.
TEST(KmsgDevice, ARestrictedLogIsRefusedWithoutTheCapability) {
  test::TempTree tree;
  tree.Write("sys/kernel/dmesg_restrict", "1\n");
  WithoutCapabilities([&tree] {
    const KernelFiles proc(tree.root());
    const auto log = OpenKmsg("/dev/kmsg", proc);
    ASSERT_FALSE(log.has_value());
    EXPECT_FALSE(log.error().remedy.empty());
    if (std::filesystem::exists("/dev/kmsg")) {
      EXPECT_EQ(log.error().kind, ErrorKind::kDenied);
    }
    const auto other = OpenKmsg("/dev/null", proc);
    EXPECT_EQ(other.error().kind, ErrorKind::kAbsent) << "denied is only what is there";
  });
}

class RealKmsgDevice : public testing::Test {
 protected:
  void SetUp() override {
    auto port = OpenKmsg("/dev/kmsg", KernelFiles("/proc"));
    if (!port) {
      EXPECT_FALSE(port.error().remedy.empty()) << port.error().message;
      std::cerr << "SKIPPED: /dev/kmsg cannot be read: " << port.error().message << std::endl;
      GTEST_SKIP() << port.error().message;
    }
    port_ = std::move(*port);
  }

  std::unique_ptr<KmsgReader> port_;
  std::array<char, kKmsgBuffer> buffer_{};
};

TEST_F(RealKmsgDevice, EveryRecordThatIsThereIsUnderstood) {
  int records = 0;
  while (const auto bytes = port_->Read(buffer_)) {
    EXPECT_TRUE(ParseKmsgRecord(*bytes).has_value()) << *bytes;
    ++records;
  }
  EXPECT_GT(records, 0);
}

TEST_F(RealKmsgDevice, ARecordLargerThanTheBufferIsPassedOver) {
  const auto small = port_->Read(std::span(buffer_).first(4));
  ASSERT_FALSE(small.has_value());
  EXPECT_EQ(small.error().kind, ErrorKind::kMalformed);
  EXPECT_TRUE(port_->Read(buffer_).has_value());
}

TEST_F(RealKmsgDevice, AtTheEndReadingSaysSoAndWaitingEndsWithAStop) {
  Result<std::string_view> last;
  while ((last = port_->Read(buffer_))) {
  }
  EXPECT_EQ(last.error().kind, ErrorKind::kTimeout) << last.error().message;
  std::jthread waiting([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) port_->Wait(stop);
  });
  waiting.request_stop();
  waiting.join();  // hangs where it does not
}

}  // namespace
}  // namespace conntrack::kernel
