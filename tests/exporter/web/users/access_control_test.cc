#include "exporter/web/users/access_control.h"

#include <gmock/gmock.h>

#include "known_passwords.h"
#include "tests/exporter/web/server/server_fixture.h"
#include "tests/support/temp_tree.h"

namespace conntrack::exporter::web {
namespace {

using namespace std::chrono_literals;

const RateLimit::Time kStart{1h};

TEST(RateLimit, BurstAndThenOneAnInterval) {
  RateLimit limit;
  const RateLimitConfig config{1s, 3};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.Allow(config, kStart));
  EXPECT_FALSE(limit.Allow(config, kStart));
  EXPECT_FALSE(limit.Allow(config, kStart + 999ms));
  EXPECT_TRUE(limit.Allow(config, kStart + 1001ms));
  EXPECT_FALSE(limit.Allow(config, kStart + 1002ms));
}

TEST(RateLimit, QuietTimeFillsTheBucketAndNoMore) {
  RateLimit limit;
  const RateLimitConfig config{1s, 2};
  EXPECT_TRUE(limit.Allow(config, kStart));
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(limit.Allow(config, kStart + 1h));
  EXPECT_FALSE(limit.Allow(config, kStart + 1h));
}

TEST(RateLimit, RefusedRequestsCostNothing) {
  RateLimit limit;
  const RateLimitConfig config{1s, 1};
  EXPECT_TRUE(limit.Allow(config, kStart));
  for (int i = 1; i < 10; ++i) EXPECT_FALSE(limit.Allow(config, kStart + i * 100ms));
  EXPECT_TRUE(limit.Allow(config, kStart + 1001ms));
}

TEST(RateLimit, TimeThatRunsBackwardsBetweenThreads) {
  RateLimit limit;
  const RateLimitConfig config{1s, 1};
  EXPECT_TRUE(limit.Allow(config, kStart));
  EXPECT_FALSE(limit.Allow(config, kStart - 10s));
  EXPECT_FALSE(limit.Allow(config, kStart + 500ms));
}

TEST(RateLimit, OtherConfigurationBeginsAnew) {
  RateLimit limit;
  EXPECT_TRUE(limit.Allow({1h, 1}, kStart));
  EXPECT_FALSE(limit.Allow({1h, 1}, kStart));
  EXPECT_TRUE(limit.Allow({1h, 2}, kStart));
}

using testing::Contains;

class AccessControlTest : public testing::Test {
 protected:
  void Configure(const std::string& text) {
    tree_.Write("web.yml", text);
    auto config = ReloadingWebConfig::Open((tree_.root() / "web.yml").string());
    ASSERT_TRUE(config) << config.error().message;
    config_ = std::move(*config);
    guarded_ = std::make_unique<AccessControl>(*config_, Echo);
  }

  HttpResponse Ask(const std::string& authorization = "") {
    HttpRequest request{"GET", "/metrics", "", "1.1", {}};
    if (!authorization.empty()) request.headers.push_back({"Authorization", authorization});
    return guarded_->Handle(request);
  }

  conntrack::test::TempTree tree_;
  std::unique_ptr<ReloadingWebConfig> config_;
  std::unique_ptr<AccessControl> guarded_;
};

TEST_F(AccessControlTest, WithoutUsersAndLimitEverybodyMayAsk) {
  Configure("");
  EXPECT_EQ(Ask().status, 200);
  EXPECT_EQ(Ask("Basic nonsense").status, 200);
}

TEST_F(AccessControlTest, UsersNeedTheirPassword) {
  Configure(std::string("basic_auth_users:\n  alice: ") + test::kSecret2b + "\n");
  EXPECT_EQ(Ask().status, 401);
  EXPECT_THAT(Ask().headers, Contains(HttpHeader{"WWW-Authenticate", "Basic"}));
  EXPECT_EQ(Ask("Basic YWxpY2U6Z3Vlc3M=").status, 401);
  EXPECT_EQ(Ask("Basic YWxpY2U6c2VjcmV0").status, 200);
}

TEST_F(AccessControlTest, LimitComesBeforePasswords) {
  Configure(std::string("rate_limit: {interval: 1h, burst: 2}\nbasic_auth_users:\n  alice: ") +
            test::kSecret2b + "\n");
  EXPECT_EQ(Ask().status, 401);
  EXPECT_EQ(Ask().status, 401);
  const auto refused = Ask("Basic YWxpY2U6c2VjcmV0");
  EXPECT_EQ(refused.status, 429);
  EXPECT_THAT(refused.headers, Contains(HttpHeader{"Retry-After", "3600"}));
}

TEST(AddConfiguredHeaders, AllButTheOneThatTheServerSendsAnyhow) {
  WebConfig config;
  config.headers = {{"X-Frame-Options", "deny"}, {"X-Content-Type-Options", "nosniff"}};
  HttpResponse response;
  AddConfiguredHeaders(config, response);
  EXPECT_THAT(response.headers, testing::ElementsAre(HttpHeader{"X-Frame-Options", "deny"}));
}

TEST(AddConfiguredHeaders, EachTakesThePlaceOfThatOfTheAnswer) {
  WebConfig config;
  config.headers = {{"Content-Security-Policy", "default-src 'self'"}};
  HttpResponse response;
  response.headers = {{"content-security-policy", "default-src 'none'"},
                      {"Cache-Control", "no-store"}};
  AddConfiguredHeaders(config, response);
  EXPECT_THAT(response.headers,
              testing::ElementsAre(HttpHeader{"Cache-Control", "no-store"},
                                   HttpHeader{"Content-Security-Policy", "default-src 'self'"}));
}

// Through a real server: what no handler has answered goes out with the headers too.
TEST(ResponseFilter, IsAppliedToEveryAnswer) {
  ServerOptions options = TestOptions();
  options.filter = [](HttpResponse& response) {
    response.headers.push_back({"X-Frame-Options", "deny"});
  };
  const auto server = StartServer(Echo, options);
  EXPECT_EQ(Get(server->ports()[0], "/").Header("X-Frame-Options"), "deny");
  HttpClient client(server->ports()[0]);
  client.Send("NONSENSE\r\n\r\n");
  const Reply reply = client.Read();
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.Header("X-Frame-Options"), "deny");
}

}  // namespace
}  // namespace conntrack::exporter::web
