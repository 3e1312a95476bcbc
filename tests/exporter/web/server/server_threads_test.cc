// Threads that serve connections come and go with them.
#include <dlfcn.h>
#include <gmock/gmock.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <latch>
#include <limits>
#include <list>
#include <thread>

#include "server_fixture.h"

namespace {

// How many more threads this process can start.
std::atomic<int> threads_left = std::numeric_limits<int>::max();

}  // namespace

// Of a sanitizer that is part of the program.
extern "C" int __interceptor_pthread_create(pthread_t*, const pthread_attr_t*, void* (*)(void*),
                                            void*) __attribute__((weak));

// In the place of the C library's, for the whole test program.
extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes,
                              void* (*work)(void*), void* argument) noexcept {
  using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
  static const auto next = &__interceptor_pthread_create != nullptr
                               ? &__interceptor_pthread_create
                               : reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
  if (threads_left.fetch_sub(1) <= 0) return EAGAIN;
  return next(thread, attributes, work, argument);
}

namespace conntrack::exporter::web {
namespace {

using namespace std::chrono_literals;

constexpr int kKept = 4;

// As many threads as may be started, while it lives.
struct ThreadLimit {
  explicit ThreadLimit(int most) { threads_left = most; }
  ~ThreadLimit() { threads_left = std::numeric_limits<int>::max(); }
};

int ThreadsNamed(std::string_view wanted) {
  int count = 0;
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", gone)) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    count += name == wanted ? 1 : 0;
  }
  return count;
}

int Workers() { return ThreadsNamed("civetweb-worker"); }

template <class Condition>
[[nodiscard]] bool Becomes(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + 2min;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

ServerOptions Threads(int number, std::chrono::milliseconds idle_time = 10s) {
  ServerOptions options = TestOptions();
  options.worker_threads = number;
  options.idle_thread_time = idle_time;
  return options;
}

class ServerThreads : public testing::Test {
 protected:
  void SetUp() override {
    if (!TakesInheritedSockets()) {
      GTEST_SKIP() << "SKIPPED: this CivetWeb is the distribution's, with all threads at once";
    }
  }
};

TEST_F(ServerThreads, AreFewAtRest) {
  const auto server = StartServer(Echo, Threads(48, 20ms));
  EXPECT_TRUE(Becomes([] { return Workers() == kKept; })) << Workers();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Get(server->ports()[0], "/").status, 200);
  EXPECT_TRUE(Becomes([] { return Workers() == kKept; })) << Workers();
}

TEST_F(ServerThreads, GrowWithConnectionsAndEndWithThem) {
  const auto server = StartServer(Echo, Threads(16, 20ms));
  for (int round = 0; round < 3; ++round) {  // ended ones are replaced
    std::list<HttpClient> silent;
    for (int i = 0; i < 12; ++i) silent.emplace_back(server->ports()[0]);
    EXPECT_TRUE(Becomes([] { return Workers() >= 12; })) << Workers();
    EXPECT_EQ(Get(server->ports()[0], "/").status, 200);
    for (auto& client : silent) EXPECT_EQ(client.Ask("GET", "/").status, 200);
    silent.clear();
    EXPECT_TRUE(Becomes([] { return Workers() == kKept; })) << Workers();
  }
}

TEST_F(ServerThreads, AreOneMoreThanThereAreSlotsAtMost) {
  const auto server = StartServer(Echo, Threads(6));
  std::list<HttpClient> silent;
  for (int i = 0; i < 30; ++i) silent.emplace_back(server->ports()[0]);
  EXPECT_TRUE(Becomes([] { return Workers() == 7; })) << Workers();
  EXPECT_EQ(Get(server->ports()[0], "/").status, 200);
  EXPECT_EQ(Workers(), 7);
}

TEST_F(ServerThreads, StopWhileTheyComeAndGo) {
  for (int round = 0; round < 20; ++round) {
    auto server = StartServer(Echo, Threads(16, 1ms));
    const std::uint16_t port = server->ports()[0];
    std::latch served(8);
    std::vector<std::jthread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        EXPECT_EQ(Get(port, "/").status, 200);
        served.count_down();
        try {
          while (true) HttpClient(port).Send("GET / HTTP/1.1\r\n\r\n");
        } catch (const std::runtime_error&) {  // it listens no more
        }
      });
    }
    served.wait();
    server.reset();
    EXPECT_EQ(Workers(), 0);
  }
}

TEST_F(ServerThreads, OneMoreIsNotNeededToStopAtOnce) {
  auto shortest = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 15 && shortest > 1s; ++i) {  // CivetWeb left alone takes up to two
    auto server = StartServer();
    HttpClient silent(server->ports()[0]), half(server->ports()[0]);
    half.Send("GET / HT");
    EXPECT_EQ(Get(server->ports()[0], "/").status, 200);
    const ThreadLimit none(0);
    const auto began = std::chrono::steady_clock::now();
    server.reset();
    shortest = std::min(shortest, std::chrono::steady_clock::now() - began);
  }
  EXPECT_LT(shortest, 1s);
}

TEST_F(ServerThreads, NoneIsLeftWhereOneCannotBeStarted) {
  for (int possible = 0; possible <= kKept; ++possible) {  // and the one that accepts
    const ThreadLimit limit(possible);
    const auto server = Server::Start(Threads(48), Echo);
    ASSERT_FALSE(server) << possible;
    EXPECT_EQ(server.error().kind, ErrorKind::kIo);
    EXPECT_THAT(server.error().message, testing::StartsWith("cannot start the thread web: "));
    EXPECT_EQ(Workers(), 0);
  }
  const ThreadLimit enough(kKept + 1);
  EXPECT_TRUE(Server::Start(Threads(48), Echo));
}

TEST_F(ServerThreads, ThatCannotBeStartedLaterMakeIdleConnectionsGiveWay) {
  const auto server = StartServer(Echo, Threads(48));
  const std::uint16_t port = server->ports()[0];
  std::list<HttpClient> silent;
  {
    const ThreadLimit none(0);
    for (int i = 0; i < 2 * kKept; ++i) silent.emplace_back(port);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(Get(port, "/").status, 200);
    EXPECT_GE(server->connections_evicted(), 1u);
    EXPECT_EQ(Workers(), kKept);
  }
  for (int i = 0; i < 12; ++i) silent.emplace_back(port);  // tried again
  EXPECT_TRUE(Becomes([] { return Workers() > kKept; }));
  EXPECT_EQ(Get(port, "/").status, 200);
}

TEST_F(ServerThreads, StalledWhileAllAreBusyAndConnectionsWait) {
  std::latch entered(2), released(1);
  const auto server = StartServer(
      [&](const HttpRequest& request) {
        if (request.path == "/held") {
          entered.count_down();
          released.wait();
        }
        return Echo(request);
      },
      Threads(2));
  const std::uint16_t port = server->ports()[0];
  std::list<HttpClient> held;
  for (int i = 0; i < 2; ++i) held.emplace_back(port).Send("GET /held HTTP/1.1\r\n\r\n");
  entered.wait();
  EXPECT_EQ(server->Stalled(), 0ms);  // busy, but nobody waits
  HttpClient waiting(port);
  EXPECT_TRUE(Becomes([&] { return server->Stalled() > 30ms; }));
  released.count_down();
  for (auto& client : held) EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(waiting.Ask("GET", "/").status, 200);
  EXPECT_TRUE(Becomes([&] { return server->Stalled() == 0ms; }));
}

}  // namespace
}  // namespace conntrack::exporter::web
