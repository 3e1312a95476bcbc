#include "kernel/log/kmsg_device.h"

#include <gmock/gmock.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <thread>

#include "kernel/log/kmsg_record.h"
#include "tests/support/temp_tree.h"

namespace conntrack::kernel {
namespace {

using testing::HasSubstr;

TEST(KmsgDevice, WithoutADeviceItIsAbsentAndTheRemedyNamesIt) {
  test::TempTree tree;
  const auto port = OpenKmsg(tree.root() / "dev/kmsg");
  ASSERT_FALSE(port.has_value());
  EXPECT_EQ(port.error().kind, ErrorKind::kAbsent);
  EXPECT_THAT(port.error().remedy, HasSubstr("/dev/kmsg"));
}

TEST(KmsgDevice, WhatContainersPutInItsPlaceIsRefused) {
  test::TempTree tree;
  tree.Write("dev/kmsg", "");
  std::filesystem::create_symlink("/dev/null", tree.root() / "dev/null");
  for (const auto* name : {"dev/kmsg", "dev/null"}) {
    const auto port = OpenKmsg(tree.root() / name);
    ASSERT_FALSE(port.has_value()) << name;
    EXPECT_EQ(port.error().kind, ErrorKind::kAbsent) << name;
  }
}

class RealKmsgDevice : public testing::Test {
 protected:
  void SetUp() override {
    auto port = OpenKmsg("/dev/kmsg");
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
