#include "exporter/web/server/request_limit.h"

#include <gmock/gmock.h>

#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

namespace conntrack::exporter::web {
namespace {

using testing::Each;

HttpResponse Quick(const HttpRequest&) { return PlainText(200, "quick"); }

// Holds requests inside a handler until told to let them go.
struct Gate {
  explicit Gate(int expected) : entered(expected), released(1) {}
  std::latch entered, released;

  HttpResponse operator()(const HttpRequest&) {
    entered.count_down();
    released.wait();
    return PlainText(200, "held");
  }
};

TEST(RequestLimit, RequestsAboveItAre503UntilOneEndsForAllHandlersTogether) {
  constexpr int kLimit = 3;
  Gate gate(kLimit);
  RequestLimit limit(kLimit);
  const auto held = limit.Guard([&gate](const auto& request) { return gate(request); });
  const auto other = limit.Guard(Quick);
  std::vector<int> statuses(kLimit);
  std::vector<std::jthread> clients;
  for (int& status : statuses) clients.emplace_back([&] { status = held({}).status; });
  gate.entered.wait();  // so they run at the same time: one after the other would never get here
  const auto refused = other({});
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "Limit of concurrent requests reached (3), try again later.\n");
  gate.released.count_down();
  clients.clear();
  EXPECT_THAT(statuses, Each(200));
  EXPECT_EQ(other({}).status, 200);
}

TEST(RequestLimit, ZeroIsNone) {
  constexpr int kMany = 50;
  Gate gate(kMany);
  RequestLimit limit(0);
  const auto held = limit.Guard([&gate](const auto& request) { return gate(request); });
  std::vector<std::jthread> clients;
  for (int i = 0; i < kMany; ++i) clients.emplace_back([&] { EXPECT_EQ(held({}).status, 200); });
  gate.entered.wait();
  gate.released.count_down();
}

TEST(RequestLimit, AThrowingHandlerDoesNotLeakItsSlot) {
  RequestLimit limit(1);
  const auto throws =
      limit.Guard([](const auto&) -> HttpResponse { throw std::runtime_error("x"); });
  EXPECT_THROW(static_cast<void>(throws({})), std::runtime_error);
  EXPECT_THROW(static_cast<void>(throws({})), std::runtime_error);
}

}  // namespace
}  // namespace conntrack::exporter::web
