// A request for which there is no memory costs that request.
#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>
#include <thread>

#include "server_fixture.h"

namespace {

// Allocations of threads that are watched, until one fails; negative: none does.
std::atomic<int> until_failure = -1;
std::atomic<bool> failed = false;
thread_local bool watched = false;

}  // namespace

// In the place of the library's, for the whole test program.
void* operator new(std::size_t size) {
  if (watched && until_failure >= 0 && until_failure.fetch_sub(1) == 0) {
    failed = true;
    throw std::bad_alloc();
  }
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace conntrack::exporter::web {
namespace {

// Sends the bytes again and again, while one allocation after the other fails in the server.
template <class Ask>
void WithoutMemory(const ServerOptions& options, Ask ask) {
  ServerOptions watching = options;
  watching.begin_thread = [] { watched = true; };
  const auto server = StartServer(
      [](const HttpRequest& request) {
        return PlainText(200, std::string(10'000, 'x') + request.path);
      },
      watching);
  int number = 0;
  do {
    failed = false;
    until_failure = number++;
    ask(server->ports()[0]);
    until_failure = -1;
    EXPECT_EQ(Get(server->ports()[0], "/").status, 200) << number;
  } while (failed && number < 1000);
  EXPECT_GT(number, 5);
  EXPECT_LT(number, 1000);
}

void ExpectStatus(std::uint16_t port, std::string_view request, int wanted) {
  HttpClient client(port);
  client.Send(request);
  EXPECT_THAT(client.Read().status, testing::AnyOf(wanted, 500, 0)) << request;
}

TEST(ServerMemory, IsMissedByTheRequestAlone) {
  ServerOptions options = TestOptions();
  options.filter = [](HttpResponse& response) {
    response.headers.push_back({"X-Test", std::string(100, 'y')});
  };
  WithoutMemory(options, [](std::uint16_t port) {
    ExpectStatus(port, "GET /some/path?query HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                 200);
  });
}

TEST(ServerMemory, IsMissedByWhoIsRefused) {
  WithoutMemory(TestOptions(),
                [](std::uint16_t port) { ExpectStatus(port, "nonsense\r\n\r\n", 400); });
}

TEST(ServerMemory, IsMissedWhileAConnectionWaits) {
  ServerOptions options = TestOptions();
  options.worker_threads = 1;
  options.begin_thread = [] { watched = true; };
  const auto server = StartServer(Echo, options);
  const std::uint16_t port = server->ports()[0];
  for (int number = 0; number < 100; ++number) {  // of a probe, which is made again and again
    std::optional<HttpClient> idle(port);
    EXPECT_EQ(idle->Ask("GET", "/").status, 200);  // it has the slot
    failed = false;
    until_failure = number;
    HttpClient waiting(port);
    waiting.Send("GET / HTTP/1.1\r\n\r\n");
    while (!failed) std::this_thread::yield();
    idle.reset();
    EXPECT_EQ(waiting.Read().status, 200);
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
