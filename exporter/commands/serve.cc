#include "exporter/commands/serve.h"

#include <csignal>
#include <memory>
#include <utility>

#include "collectors/recent.h"
#include "exporter/exposition.h"
#include "exporter/family_renderer.h"
#include "exporter/openmetrics.h"
#include "exporter/process_metrics.h"
#include "exporter/start_log.h"
#include "exporter/version.h"
#include "exporter/web/landing_page.h"
#include "exporter/web/metrics_handler.h"
#include "exporter/web/router.h"
#include "exporter/web/server.h"

namespace conntrack::exporter {
namespace {

constexpr int kCannotListen = 2;

// Threads beyond those that scrapes may take up: for refusals, probes, and connections that are
// slow or idle.
constexpr unsigned kSpareThreads = 8;
constexpr unsigned kThreadsWithoutLimit = 64;

int WorkerThreads(unsigned max_requests) {
  return static_cast<int>(max_requests == 0 ? kThreadsWithoutLimit : max_requests + kSpareThreads);
}

web::MetricsHandler::Render MakeRender(bool with_exporter_metrics) {
  struct State {
    FamilyRenderer text{RenderText};
    FamilyRenderer open_metrics{RenderOpenMetrics};
    Recent<std::vector<Family>> process;
  };
  return [with_exporter_metrics, state = std::make_shared<State>()](
             const std::vector<Family>& families, web::MetricsFormat format) {
    const bool open_metrics = format != web::MetricsFormat::kText;
    auto& renderer = open_metrics ? state->open_metrics : state->text;
    auto body = renderer.Render(families);
    if (with_exporter_metrics) {
      // The exporter's own process, whatever --path.procfs shows.
      body += renderer.Render(
          state->process.Get([] { return ProcessFamilies(kernel::KernelFiles("/proc")); }));
    }
    if (open_metrics) body += kOpenMetricsEnd;
    return body;
  };
}

web::Router MakeRouter(const Options& options, web::Handler metrics) {
  web::Routes routes;
  routes.telemetry_path = options.telemetry_path;
  routes.metrics = std::move(metrics);
  routes.landing_page =
      web::MakeLandingPage({.name = "conntrack_exporter",
                            .version = std::string(kVersion),
                            .description = "The Linux connection tracking table for Prometheus",
                            .telemetry_path = options.telemetry_path});
  routes.not_ready = [any = !options.collectors.empty()] {
    return any ? std::nullopt : std::optional<std::string>("no collector is on");
  };
  return web::Router(std::move(routes));
}

/// Yields the signal that ends the process.
int WaitForStop() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  int signal = 0;
  ::sigwait(&signals, &signal);
  return signal;
}

}  // namespace

int Serve(const Options& options, std::vector<NamedCollector> collectors) {
  LogStart(options);
  Scraper scraper(std::move(collectors));
  web::MetricsHandler metrics(scraper, MakeRender(options.exporter_metrics),
                              {.max_requests = static_cast<int>(options.max_requests),
                               .timeout_offset = std::chrono::milliseconds(
                                   static_cast<int>(options.timeout_offset * 1000))});
  const auto router = MakeRouter(
      options, [&metrics](const web::HttpRequest& request) { return metrics.Handle(request); });

  web::ServerOptions server_options;
  server_options.listen_addresses = options.listen_addresses;
  server_options.worker_threads = WorkerThreads(options.max_requests);
  const auto server = web::Server::Start(
      server_options, [&router](const web::HttpRequest& request) { return router.Route(request); });
  if (!server) {
    log::ErrorLine("cannot listen",
                   {{"err", server.error().message}, {"remedy", server.error().remedy}});
    return kCannotListen;
  }
  for (const auto& address : (*server)->addresses()) {
    log::Info("listening", {{"address", address}, {"path", options.telemetry_path}});
  }
  const int signal = WaitForStop();
  log::Info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  scraper.Stop();  // the server waits for answers under way
  return 0;
}

}  // namespace conntrack::exporter
