#include "exporter/commands/serve.h"

#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "exporter/commands/pages.h"
#include "exporter/confinement/capabilities.h"
#include "exporter/process/log.h"
#include "exporter/process/stop_signals.h"
#include "exporter/web/config/reloading_web_config.h"
#include "exporter/web/server/inherited_sockets.h"
#include "exporter/web/server/server.h"
#include "exporter/web/users/access_control.h"

namespace conntrack::exporter {
namespace {

constexpr int kCannotServe = 2;

// Threads beyond those that scrapes may take up: for refusals, probes, and connections that are
// slow or idle.
constexpr unsigned kSpareThreads = 8;
constexpr unsigned kThreadsWithoutLimit = 64;

int WorkerThreads(unsigned max_requests) {
  return static_cast<int>(max_requests == 0 ? kThreadsWithoutLimit : max_requests + kSpareThreads);
}

void LogListening(const web::Server& server, std::string_view path, bool tls) {
  for (const auto& address : server.addresses()) {
    log::Info("listening", {{"address", address}, {"path", path}});
    log::Info(tls ? "TLS is enabled" : "TLS is disabled", {{"address", address}});
  }
}

/// For `systemctl status`.
std::string StatusOf(const web::Server& server, std::string_view path) {
  std::string status = "serving " + std::string(path) + " on";
  for (const auto& address : server.addresses()) status += " " + address;
  return status;
}

/// Waits for the signal to stop. A collector that has been at work for as long as systemd would wait hangs: then the process
/// keeps silent, and is started anew.
int WaitTellingAlive(const ServiceManager& manager, const Scraper& scraper) {
  StopSignals signals;
  const auto watchdog = manager.watchdog_period();
  const auto period = watchdog.value_or(std::chrono::hours(1));
  while (true) {
    const int signal = signals.WaitUntil(std::chrono::steady_clock::now() + period);
    if (signal != 0) return signal;
    if (watchdog && scraper.longest_under_way() < 2 * period) manager.Alive();
  }
}

int CannotServe(std::string_view what, const Error& error) {
  log::ErrorLine(what, {{"err", error.message}, {"remedy", error.remedy}});
  return kCannotServe;
}

/// Null where there is no such file to be used.
Result<std::unique_ptr<web::ReloadingWebConfig>> OpenWebConfig(const std::string& path) {
  if (path.empty()) return nullptr;
  auto config = web::ReloadingWebConfig::Open(path);
  if (config && (*config)->Current()->config.http2_asked_for) {
    log::Info("there is no HTTP/2 here; clients use HTTP/1.1", {{"file", path}});
  }
  return config;
}

/// What to serve where the command line wants systemd's sockets; empty otherwise.
Result<std::vector<web::InheritedSocket>> SystemdSockets(bool wanted) {
  if (wanted) return web::InheritedSockets();
  if (const int passed = web::CountInheritedSockets(); passed > 0) {
    log::Warn("sockets were passed by systemd, but --web.systemd-socket is not given: not served",
              {{"sockets", std::to_string(passed)}});
  }
  return {};
}

/// All that a web configuration puts around the handler.
class Protection {
 public:
  Protection(web::ReloadingWebConfig& config, web::Handler behind)
      : config_(config), guarded_(config, std::move(behind)) {
    if (config.Current()->tls == nullptr) return;
    tls_.emplace([&config] { return config.Current()->tls; });
  }

  /// Yields the handler to serve with these options.
  [[nodiscard]] web::Handler AddTo(web::ServerOptions& options) {
    options.filter = [this](web::HttpResponse& response) {
      web::AddConfiguredHeaders(config_.Current()->config, response);
    };
    if (tls_) options.tls = &*tls_;
    return [this](const web::HttpRequest& request) { return guarded_.Handle(request); };
  }

 private:
  web::ReloadingWebConfig& config_;
  web::AccessControl guarded_;
  std::optional<web::ServerTls> tls_;
};

}  // namespace

int Serve(const Options& options, std::vector<NamedCollector> collectors,
          const ServiceManager& manager) {
  auto sockets = SystemdSockets(options.systemd_socket);
  if (!sockets) return CannotServe("cannot listen", sockets.error());
  auto web_config = OpenWebConfig(options.web_config_file);
  if (!web_config) return CannotServe("cannot use the web configuration", web_config.error());
  web::ReloadingWebConfig* const config = web_config->get();
  Scraper scraper(std::move(collectors));
  Pages pages(options, scraper, config);

  web::ServerOptions server_options;
  server_options.listen_addresses = options.listen_addresses;
  server_options.inherited = std::move(*sockets);
  server_options.worker_threads = WorkerThreads(options.max_requests);
  web::Handler handler = [&pages](const web::HttpRequest& request) { return pages.Get(request); };
  std::optional<Protection> protection;
  if (config != nullptr) handler = protection.emplace(*config, handler).AddTo(server_options);
  // For a port below 1024 this thread alone keeps a capability, until the sockets listen.
  const auto give_up = [unwanted = options.confinement.until_listening] {
    static_cast<void>(confinement::GiveUp(unwanted));
  };
  server_options.begin_thread = give_up;
  const auto server = web::Server::Start(server_options, handler);
  if (!server) return CannotServe("cannot listen", server.error());
  give_up();
  LogListening(**server, options.telemetry_path, server_options.tls != nullptr);
  manager.Ready(StatusOf(**server, options.telemetry_path));
  const int signal = WaitTellingAlive(manager, scraper);
  manager.Stopping();
  log::Info("stopping", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  scraper.Stop();  // the server waits for answers under way
  return 0;
}

}  // namespace conntrack::exporter
