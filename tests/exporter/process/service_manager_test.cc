#include "exporter/process/service_manager.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include "tests/support/temp_tree.h"

namespace conntrack::exporter {
namespace {

using namespace std::chrono_literals;

/// What systemd would be: a socket that NOTIFY_SOCKET names, and what arrives at it.
class Listener {
 public:
  explicit Listener(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name[0] == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) {
      throw std::runtime_error("bind " + name);
    }
  }

  std::string Next() {
    char text[256];
    const auto size = ::recv(socket_.get(), text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? "nothing" : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  kernel::UniqueFd socket_;
};

class ServiceManagerTest : public testing::Test {
 protected:
  void SetUp() override { Clear(); }
  void TearDown() override { Clear(); }

  static void Set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }
  static void Clear() {
    for (const auto* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }
  static ServiceManager Opened() {
    auto manager = ServiceManager::FromEnvironment();
    EXPECT_TRUE(manager) << manager.error().message;
    return std::move(*manager);
  }

  test::TempTree tree_;
  std::string path_ = (tree_.root() / "notify").string();
};

TEST_F(ServiceManagerTest, TellsItInTheWordsOfSdNotify) {
  Listener systemd(path_);
  Set("NOTIFY_SOCKET", path_);
  const auto manager = Opened();
  manager.Ready("serving");
  manager.Alive();
  manager.Stopping();
  EXPECT_EQ(systemd.Next(), "READY=1\nSTATUS=serving");
  EXPECT_EQ(systemd.Next(), "WATCHDOG=1");
  EXPECT_EQ(systemd.Next(), "STOPPING=1\nSTATUS=stopping");
}

TEST_F(ServiceManagerTest, KnowsAbstractAddresses) {
  const auto name = "@conntrack-test-" + std::to_string(::getpid());
  Listener systemd(name);
  Set("NOTIFY_SOCKET", name);
  Opened().Alive();
  EXPECT_EQ(systemd.Next(), "WATCHDOG=1");
}

TEST_F(ServiceManagerTest, WithoutTheVariableNobodyIsTold) {
  Set("WATCHDOG_USEC", "1000000");
  const auto manager = Opened();
  manager.Ready("serving");
  EXPECT_EQ(manager.watchdog_period(), std::nullopt);
}

TEST_F(ServiceManagerTest, WhereNobodyListensIsAnErrorThatNamesIt) {
  Set("NOTIFY_SOCKET", path_);
  const auto manager = ServiceManager::FromEnvironment();
  ASSERT_FALSE(manager);
  EXPECT_NE(manager.error().message.find(path_), std::string::npos) << manager.error().message;
  EXPECT_NE(manager.error().remedy, "");
}

TEST_F(ServiceManagerTest, WhatIsNoAddressIsRefused) {
  for (const auto& name : {std::string("notify"), std::string("vsock:2:1234"), std::string("/"),
                           "/" + std::string(200, 'x')}) {
    Set("NOTIFY_SOCKET", name);
    const auto manager = ServiceManager::FromEnvironment();
    ASSERT_FALSE(manager) << name;
    EXPECT_EQ(manager.error().kind, ErrorKind::kMalformed) << name;
  }
}

TEST_F(ServiceManagerTest, ItIsAliveTwiceInTheTimeOfTheWatchdog) {
  Listener systemd(path_);
  Set("NOTIFY_SOCKET", path_);
  Set("WATCHDOG_USEC", "30000000");
  EXPECT_EQ(Opened().watchdog_period(), 15s);
  Set("WATCHDOG_PID", std::to_string(::getpid()));
  EXPECT_EQ(Opened().watchdog_period(), 15s);
}

TEST_F(ServiceManagerTest, AWatchdogOfAnotherProcessOrNonsenseIsNone) {
  Listener systemd(path_);
  Set("NOTIFY_SOCKET", path_);
  for (const auto* nonsense : {"", "soon", "0", "-1", "99999999999999999999"}) {
    Set("WATCHDOG_USEC", nonsense);
    EXPECT_EQ(Opened().watchdog_period(), std::nullopt) << nonsense;
  }
  Set("WATCHDOG_USEC", "30000000");
  Set("WATCHDOG_PID", std::to_string(::getpid() + 1));
  EXPECT_EQ(Opened().watchdog_period(), std::nullopt);
}

}  // namespace
}  // namespace conntrack::exporter
