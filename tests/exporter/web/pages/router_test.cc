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
  routes.history = [](const HttpRequest& request) {
    return PlainText(200, "history for " + request.method);
  };
  routes.unhealthy = [] { return std::optional<std::string>(); };
  routes.not_ready = [] { return std::optional<std::string>(); };
  return routes;
}

HttpResponse Ask(const Routes& routes, std::string method, std::string path) {
  HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  return Route(routes, request);
}

TEST(Route, EachPathHasItsAnswer) {
  const Routes routes = TestRoutes();
  EXPECT_EQ(Ask(routes, "GET", "/metrics").body, "metrics of GET");
  EXPECT_EQ(Ask(routes, "HEAD", "/metrics").body, "metrics of HEAD");
  EXPECT_EQ(Ask(routes, "GET", "/").body, "status for GET");
  EXPECT_EQ(Ask(routes, "HEAD", "/").body, "status for HEAD");
  EXPECT_EQ(Ask(routes, "GET", "/history.json").body, "history for GET");
  EXPECT_EQ(Ask(routes, "GET", "/-/healthy").body, "Healthy\n");
  EXPECT_EQ(Ask(routes, "GET", "/-/ready").body, "Ready\n");
}

TEST(Route, TelemetryPathCanBeMoved) {
  Routes routes = TestRoutes();
  routes.telemetry_path = "/conntrack";

  EXPECT_EQ(Ask(routes, "GET", "/conntrack").body, "metrics of GET");
  EXPECT_EQ(Ask(routes, "GET", "/metrics").status, 404);
}

TEST(Route, TelemetryPathTakesTheRootWhereItIsTheRoot) {
  Routes routes = TestRoutes();
  routes.telemetry_path = "/";
  EXPECT_EQ(Ask(routes, "GET", "/").body, "metrics of GET");
}

TEST(Route, UnhealthyIs503WithTheReason) {
  Routes routes = TestRoutes();
  routes.unhealthy = [] { return std::optional<std::string>("a collector hangs"); };
  const HttpResponse response = Ask(routes, "GET", "/-/healthy");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "Unhealthy: a collector hangs\n");
  EXPECT_EQ(Ask(routes, "GET", "/-/ready").status, 200);
}

TEST(Route, NotReadyIs503WithTheReason) {
  Routes routes = TestRoutes();
  routes.not_ready = [] { return std::optional<std::string>("no collector is enabled"); };
  const HttpResponse response = Ask(routes, "GET", "/-/ready");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "Not ready: no collector is enabled\n");
  EXPECT_EQ(Ask(routes, "GET", "/-/healthy").status, 200);
}

TEST(Route, UnknownPathsAre404AndNamedAreTheKnownOnes) {
  const Routes routes = TestRoutes();
  for (const auto& path :
       {std::string("/favicon.ico"), std::string("/metrics/"), std::string("//metrics"),
        std::string("/x/../metrics"), std::string("/METRICS"), std::string("metrics"),
        std::string("/metrics\0", 9), std::string(), std::string("/<script>")}) {
    const HttpResponse response = Ask(routes, "GET", path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_THAT(response.body, AllOf(HasSubstr("/metrics, /, /history.json, /-/healthy"),
                                     Not(HasSubstr("script"))));
  }
}

TEST(Route, OtherMethodsAre405OnEveryPath) {
  const Routes routes = TestRoutes();
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", ""}) {
    for (const auto* path : {"/metrics", "/", "/-/healthy", "/nowhere"}) {
      const HttpResponse response = Ask(routes, method, path);
      EXPECT_EQ(response.status, 405) << method << path;
      ASSERT_EQ(response.headers.size(), 1u);
      EXPECT_EQ(response.headers[0], (HttpHeader{"Allow", "GET, HEAD"}));
    }
  }
}

}  // namespace
}  // namespace conntrack::exporter::web
