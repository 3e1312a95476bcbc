#include "exporter/web/pages/router.h"

#include <gmock/gmock.h>

namespace conntrack::exporter::web {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Routes TestRoutes() {
  Routes routes;
  routes.metrics = [](const HttpRequest& request) {
    return PlainText(200, "metrics of " + request.method);
  };
  routes.status_page = [](const HttpRequest& request) {
    return PlainText(200, "status for " + request.method);
  };
  routes.not_ready = [] { return std::optional<std::string>(); };
  return routes;
}

HttpResponse Ask(const Router& router, std::string method, std::string path) {
  HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  return router.Route(request);
}

TEST(Router, EachPathHasItsAnswer) {
  const Router router(TestRoutes());
  EXPECT_EQ(Ask(router, "GET", "/metrics").body, "metrics of GET");
  EXPECT_EQ(Ask(router, "HEAD", "/metrics").body, "metrics of HEAD");
  EXPECT_EQ(Ask(router, "GET", "/").body, "status for GET");
  EXPECT_EQ(Ask(router, "HEAD", "/").body, "status for HEAD");
  EXPECT_EQ(Ask(router, "GET", "/-/healthy").body, "Healthy\n");
  EXPECT_EQ(Ask(router, "GET", "/-/ready").body, "Ready\n");
}

TEST(Router, TelemetryPathCanBeMoved) {
  Routes routes = TestRoutes();
  routes.telemetry_path = "/conntrack";
  const Router router(routes);
  EXPECT_EQ(Ask(router, "GET", "/conntrack").body, "metrics of GET");
  EXPECT_EQ(Ask(router, "GET", "/metrics").status, 404);
}

TEST(Router, TelemetryPathTakesTheRootWhereItIsTheRoot) {
  Routes routes = TestRoutes();
  routes.telemetry_path = "/";
  EXPECT_EQ(Ask(Router(routes), "GET", "/").body, "metrics of GET");
}

TEST(Router, NotReadyIs503WithTheReason) {
  Routes routes = TestRoutes();
  routes.not_ready = [] { return std::optional<std::string>("no collector is on"); };
  const HttpResponse response = Ask(Router(routes), "GET", "/-/ready");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "Not ready: no collector is on\n");
  EXPECT_EQ(Ask(Router(routes), "GET", "/-/healthy").status, 200);
}

TEST(Router, UnknownPathsAre404AndNamedAreTheKnownOnes) {
  const Router router(TestRoutes());
  for (const auto& path :
       {std::string("/favicon.ico"), std::string("/metrics/"), std::string("//metrics"),
        std::string("/x/../metrics"), std::string("/METRICS"), std::string("metrics"),
        std::string("/metrics\0", 9), std::string(), std::string("/<script>")}) {
    const HttpResponse response = Ask(router, "GET", path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_THAT(response.body,
                AllOf(HasSubstr("/metrics, /, /-/healthy"), Not(HasSubstr("script"))));
  }
}

TEST(Router, OtherMethodsAre405OnEveryPath) {
  const Router router(TestRoutes());
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", ""}) {
    for (const auto* path : {"/metrics", "/", "/-/healthy", "/nowhere"}) {
      const HttpResponse response = Ask(router, method, path);
      EXPECT_EQ(response.status, 405) << method << path;
      ASSERT_EQ(response.headers.size(), 1u);
      EXPECT_EQ(response.headers[0], (HttpHeader{"Allow", "GET, HEAD"}));
    }
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
