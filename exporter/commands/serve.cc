#include "exporter/commands/commands.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "collectors/cached.h"
#include "exporter/confinement/capabilities.h"
#include "exporter/metrics/exposition.h"
#include "exporter/metrics/presence_watch.h"
#include "exporter/metrics/process_metrics.h"
#include "exporter/process/leave.h"
#include "exporter/process/log.h"
#include "exporter/process/stop_signals.h"
#include "exporter/status/status_handler.h"
#include "exporter/version.h"
#include "exporter/web/config/reloading_web_config.h"
#include "exporter/web/config/tls_context.h"
#include "exporter/web/pages/metrics_handler.h"
#include "exporter/web/pages/router.h"
#include "exporter/web/server/request_limit.h"
#include "exporter/web/server/server.h"
#include "exporter/web/server/tcp_sockets.h"
#include "exporter/web/users/access_control.h"

namespace conntrack::exporter {
namespace {

// Exit codes.
constexpr int kFailed = 1;
constexpr int kWrongUse = 2;

// Threads beyond the limit of scrapes: for rejections, probes, and slow or idle connections.
constexpr unsigned kSpareThreads = 8;
constexpr unsigned kThreadsWithoutLimit = 64;

int WorkerThreads(unsigned max_requests) {
  return static_cast<int>(max_requests == 0 ? kThreadsWithoutLimit : max_requests + kSpareThreads);
}

/// Returns the URL for a user on this host.
std::string UrlOf(std::string_view address, std::string_view path, bool tls) {
  const bool every = address.starts_with("[::]:") || address.starts_with("0.0.0.0:");
  std::string url = tls ? "https://" : "http://";
  if (every) url += "localhost";
  return url.append(every ? address.substr(address.rfind(':')) : address).append(path);
}

void LogListening(const web::Server& server, std::string_view path, bool tls) {
  for (const auto& address : server.addresses()) {
    log::Info("listening", {{"address", address}, {"url", UrlOf(address, path, tls)}});
    log::Info(tls ? "TLS is enabled" : "TLS is disabled", {{"address", address}});
  }
}

/// For `systemctl status`.
std::string StatusOf(const web::Server& server, std::string_view path) {
  std::string status = "serving " + std::string(path) + " on";
  for (const auto& address : server.addresses()) status += " " + address;
  return status;
}

/// Whether readings complete, for probes and the watchdog.
class Health {
 public:
  /// `scheduler` must outlive it.
  explicit Health(const ReadingScheduler& scheduler) : scheduler_(scheduler) {}

  /// Returns why it is unhealthy; std::nullopt if healthy. Any thread.
  [[nodiscard]] std::optional<std::string> Complaint() const {
    const auto oldest = scheduler_.OldestUnderWay();
    if (!oldest || oldest->since < kStuckAfter) return std::nullopt;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(oldest->since).count();
    return "the reading of the collector " + oldest->collector + " has hung for " +
           std::to_string(seconds) + " s";
  }

 private:
  static constexpr std::chrono::minutes kStuckAfter{2};

  const ReadingScheduler& scheduler_;
};

/// Checks once: sends the watchdog notification if healthy, and logs a change.
void TellAlive(const ServiceManager& manager, const Health& health, const web::Server& server,
               bool& unhealthy) {
  constexpr std::chrono::minutes kStalledAfter{1};
  auto complaint = health.Complaint();
  if (!complaint && server.Stalled() >= kStalledAfter) {
    complaint = "connections are waiting, but none has been served for a minute";
  }
  if (!complaint) manager.Alive();
  if (unhealthy == complaint.has_value()) return;
  unhealthy = !unhealthy;
  if (complaint) {
    log::Warn("unhealthy", {{"err", *complaint}});
  } else {
    log::Info("healthy again");
  }
}

/// Waits for the stop signal. Sends no watchdog notification while unhealthy, so that systemd
/// restarts the process after WatchdogSec=.
int WaitTellingAlive(const ServiceManager& manager, const Health& health,
                     const web::Server& server) {
  constexpr std::chrono::microseconds kInterval = std::chrono::seconds(10);
  const auto period = std::min(manager.watchdog_period().value_or(kInterval), kInterval);
  StopSignals signals;
  bool unhealthy = false;
  while (true) {
    const int signal = signals.WaitUntil(std::chrono::steady_clock::now() + period);
    if (signal != 0) return signal;
    try {
      TellAlive(manager, health, server, unhealthy);
    } catch (const std::bad_alloc&) {  // try again in the next round
    }
  }
}

int CannotServe(std::string_view what, const Error& error, int code = kWrongUse) {
  log::ErrorLine(what, {{"err", error.message}, {"remedy", error.remedy}});
  return code;
}

/// Returns nullptr if `path` is empty.
Result<std::unique_ptr<web::ReloadingWebConfig>> OpenWebConfig(const std::string& path) {
  if (path.empty()) return nullptr;
  auto config = web::ReloadingWebConfig::Open(path);
  if (config && (*config)->Current()->config.http2_asked_for) {
    log::Info("there is no HTTP/2 here; clients use HTTP/1.1", {{"file", path}});
  }
  return config;
}

/// Returns the sockets of systemd if they are wanted; otherwise empty.
Result<std::vector<web::InheritedSocket>> SystemdSockets(bool wanted) {
  if (wanted) return web::InheritedSockets();
  if (const int passed = web::CountInheritedSockets(); passed > 0) {
    log::Warn("systemd passed sockets, but --web.systemd-socket is not set; they are not used",
              {{"sockets", std::to_string(passed)}});
  }
  return {};
}

// Returns a function that renders a scrape and, if wanted, the exporter's own process and web
// configuration. Per format, it renders only families that have changed since the last scrape.
web::MetricsHandler::Render MakeRenderer(bool with_exporter_metrics,
                                         std::shared_ptr<const kernel::Presence> presence,
                                         const web::ReloadingWebConfig* config,
                                         std::shared_ptr<DayHistory> history) {
  struct State {
    explicit State(std::shared_ptr<const kernel::Presence> watched)
        : presence(std::move(watched)) {}

    PresenceWatch presence;
    FamilyRenderer text{RenderText};
    FamilyRenderer open_metrics{RenderOpenMetrics};
    Cached<std::vector<Family>> process;
  };
  return [with_exporter_metrics, config, history = std::move(history),
          state = std::make_shared<State>(std::move(presence))](
             const std::vector<CollectorRun>& runs, web::MetricsFormat format) {
    status::RecordWalk(runs, *history);
    const bool open_metrics = format != web::MetricsFormat::kText;
    auto& renderer = open_metrics ? state->open_metrics : state->text;
    std::string body = renderer.Render(state->presence.Read());
    for (const auto& run : runs) {
      if (run.outcome) body += renderer.Render(run.outcome->families);
    }
    body += renderer.Render(HealthFamilies(runs));
    if (with_exporter_metrics) {
      if (config != nullptr) body += renderer.Render(config->Metrics());
      // The exporter's own process, regardless of --path.procfs.
      body += renderer.Render(
          state->process.Get([] { return ProcessFamilies(kernel::KernelFiles("/proc")); }));
    }
    if (open_metrics) body += kOpenMetricsEnd;
    return body;
  };
}

status::StatusOptions StatusOptionsOf(const Options& options, const KernelAccess& access,
                                      std::shared_ptr<DayHistory> history) {
  const auto release = kernel::ReadKernelRelease(access.proc);
  return {.version = std::string(kVersion),
          .telemetry_path = options.telemetry_path,
          .left_out = options.left_out,
          .release = release ? std::optional(*release) : std::nullopt,
          .place = access.place,
          .presence = access.presence,
          .history = std::move(history)};
}

/// The metrics, the status page and the endpoints for probes, with one limit on concurrent
/// requests. Its thread has none of the capabilities that are kept until the sockets listen.
class Pages {
 public:
  /// All arguments must outlive it; `config` may be null.
  Pages(const Options& options, const KernelAccess& access, ReadingScheduler& scheduler,
        const Health& health, const web::ReloadingWebConfig* config,
        const std::shared_ptr<DayHistory>& history)
      : limit_(options.max_requests),
        metrics_(scheduler,
                 MakeRenderer(options.exporter_metrics, access.presence, config, history),
                 {.timeout_offset =
                      std::chrono::milliseconds(static_cast<int>(options.timeout_offset * 1000))}) {
    confinement::DoWithout(options.confinement.until_listening, [&] {
      status_page_.emplace(scheduler, StatusOptionsOf(options, access, history));
    });
    routes_.telemetry_path = options.telemetry_path;
    routes_.metrics =
        limit_.Guard([this](const auto& request) { return metrics_.Handle(request); });
    routes_.status_page =
        limit_.Guard([this](const auto& request) { return status_page_->Handle(request); });
    routes_.history =
        limit_.Guard([this](const auto& request) { return status_page_->HandleHistory(request); });
    routes_.unhealthy = [&health] { return health.Complaint(); };
    routes_.not_ready = [any = !options.collectors.empty()] {
      return any ? std::nullopt : std::optional<std::string>("no collector is enabled");
    };
  }

  [[nodiscard]] const web::Routes& routes() const { return routes_; }

 private:
  web::RequestLimit limit_;
  web::MetricsHandler metrics_;
  std::optional<status::StatusHandler> status_page_;
  web::Routes routes_;
};

}  // namespace

int Serve(const Options& options, std::vector<NamedCollector> collectors,
          const KernelAccess& access, const ServiceManager& manager,
          const std::shared_ptr<DayHistory>& history) {
  auto sockets = SystemdSockets(options.systemd_socket);
  if (!sockets) return CannotServe("cannot listen", sockets.error());
  auto web_config = OpenWebConfig(options.web_config_file);
  if (!web_config) return CannotServe("cannot use the web configuration", web_config.error());
  web::ReloadingWebConfig* const config = web_config->get();
  std::optional<ReadingScheduler> scheduler;
  confinement::DoWithout(options.confinement.until_listening,
                         [&] { scheduler.emplace(std::move(collectors)); });
  const Health health(*scheduler);
  Pages pages(options, access, *scheduler, health, config, history);

  web::ServerOptions server_options;
  server_options.listen_addresses = options.listen_addresses;
  server_options.inherited = std::move(*sockets);
  server_options.worker_threads = WorkerThreads(options.max_requests);
  web::Handler handler = [&pages](const web::HttpRequest& request) {
    return web::Route(pages.routes(), request);
  };
  std::optional<web::AccessControl> access_control;
  std::optional<web::ServerTls> tls;
  if (config != nullptr) {
    handler = [&guard = access_control.emplace(*config, handler)](const web::HttpRequest& request) {
      return guard.Handle(request);
    };
    server_options.filter = [config](web::HttpResponse& response) {
      web::AddConfiguredHeaders(config->Current()->config, response);
    };
    if (config->Current()->tls != nullptr) {
      server_options.tls = &tls.emplace([config] { return config->Current()->tls; });
    }
  }
  // For a port below 1024, only this thread keeps a capability, until the sockets listen.
  const auto give_up = [unwanted = options.confinement.until_listening] {
    static_cast<void>(confinement::GiveUp(unwanted));
  };
  server_options.begin_thread = give_up;
  BlockStopSignals();  // before the server starts threads, which inherit the mask
  std::atomic<bool> stopped = false;
  const auto server = [&] {
    // A listen address may be a host name, and its name server may be slow.
    std::optional<StopSignalWatcher> watcher;
    confinement::DoWithout(options.confinement.until_listening,
                           [&] { watcher.emplace([&stopped] { stopped = true; }); });
    return web::Server::Start(server_options, handler);
  }();
  if (stopped) {
    log::Info("stopping before it has started to serve");
    return 0;
  }
  if (!server) {
    const bool configuration = server.error().kind != ErrorKind::kIo;
    return CannotServe("cannot listen", server.error(), configuration ? kWrongUse : kFailed);
  }
  give_up();
  if (const auto sealed = confinement::SealAfterStart(options.confinement); !sealed) {
    log::Warn("system calls that only the start needs remain allowed",
              {{"err", sealed.error().message}, {"remedy", sealed.error().remedy}});
  }
  StartIsDone();
  LogListening(**server, options.telemetry_path, server_options.tls != nullptr);
  manager.Ready(StatusOf(**server, options.telemetry_path));
  const int signal = WaitTellingAlive(manager, health, **server);
  manager.Stopping();
  log::Info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  scheduler->Stop();  // the server waits for running requests
  return 0;
}

}  // namespace conntrack::exporter
