// Entry point of conntrack_exporter.
#include <fcntl.h>
#include <malloc.h>
#include <unistd.h>

#ifdef CONNTRACK_STATIC
#include <nss.h>
#include <openssl/crypto.h>
#endif

#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>
#include <utility>

#include "collectors/catalogue.h"
#include "collectors/flows/flow_source_choice.h"
#include "diagnosis/day_history.h"
#include "exporter/command_line/options.h"
#include "exporter/commands/commands.h"
#include "exporter/commands/standard_stream.h"
#include "exporter/confinement/capabilities.h"
#include "exporter/confinement/confinement_needs.h"
#include "exporter/process/leave.h"
#include "exporter/process/log.h"
#include "exporter/process/service_manager.h"
#include "exporter/process/stop_signals.h"
#include "exporter/version.h"
#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/ethtool.h"
#include "kernel/log/kmsg.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/thread.h"

namespace conntrack::exporter {
namespace {

/// If a standard stream is closed, the next file or socket gets its number, and log lines would go
/// there.
void OpenStandardStreams() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    // Returns the lowest free number, which is this one.
    if (::fcntl(fd, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

/// The configuration of a system may name modules for its own C library, for name lookups or for
/// OpenSSL. A static program cannot load them.
void LoadNoModules() {
#ifdef CONNTRACK_STATIC
  __nss_configure_lookup("hosts", "files dns");
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
#endif
}

KernelAccess AccessOf(const Options& options) {
  const kernel::KernelFiles proc(options.procfs);
  const kernel::KernelFiles sys(options.sysfs);
  const auto presence = std::make_shared<const kernel::Presence>(proc, sys);
  return {.proc = proc,
          .sys = sys,
          .root = kernel::KernelFiles(options.rootfs),
          .netlink = [presence] { return kernel::OpenNetlinkSocket(presence); },
          .events =
              [presence](std::size_t buffer_bytes) {
                return kernel::OpenEventSocket(*presence, buffer_bytes);
              },
          .kmsg = [device = std::filesystem::path(options.rootfs) / "dev/kmsg",
                   proc] { return kernel::OpenKmsg(device, proc); },
          .presence = presence,
          .ethtool = kernel::OpenEthtool(proc)};
}

/// Disables collectors that cannot read with the capabilities that are kept.
void LeaveOut(Options& options, const KernelAccess& access) {
  confinement::CapabilitySet kept;
  for (const auto& [collector, use] : CapabilityUsesOf(options, access)) kept.Add(use.capability);
  confinement::WithOnly(options.sandbox ? kept : confinement::AllCapabilities(), [&] {
    options.left_out = LeaveOutUnreadable(options.collectors, options.asked_for, access);
  });
}

/// Must run before the first thread starts. First disables collectors that cannot read here, so
/// that no capability is kept for them, and loads what needs privileges only to be loaded.
void GiveUpPrivileges(Options& options, KernelAccess& access) {
  // A capability that cannot be raised counts as missing, and its user reports that.
  static_cast<void>(confinement::RaisePermitted());
  // Scrapes need only the namespaces, and examining all processes takes long.
  access.place = options.command == Command::kServe ? kernel::ReadNamespaces(access.proc)
                                                    : kernel::ReadPlace(access.root, access.proc);
  if (options.command == Command::kServe || options.command == Command::kCheck) {
    LeaveOut(options, access);
  }
  if (WalksByBpf(options)) {
    access.flow_walk = kernel::LoadFlowWalkPrograms(
        access.proc, access.sys, options.collector_options.Get<FlowSourceOptions>().threads);
  }
  options.confinement =
      options.sandbox ? confinement::Confine(NeedsOf(options, access)) : confinement::NotConfined();
}

/// Falls back to the log if systemd cannot be notified.
ServiceManager Manager() {
  auto manager = ServiceManager::FromEnvironment();
  if (manager) return std::move(*manager);
  log::Warn("cannot tell systemd how the service fares",
            {{"err", manager.error().message}, {"remedy", manager.error().remedy}});
  return {};
}

std::vector<NamedCollector> CollectorsOf(const Options& options, const KernelAccess& access,
                                         const EntriesPeak::Watch& watch = {}) {
  std::vector<NamedCollector> collectors;
  confinement::DoWithout(options.confinement.until_listening, [&] {
    collectors = MakeCollectors(options.collectors, access, options.collector_options, watch);
  });
  return collectors;
}

int Run(int argc, char** argv) {
  // One heap for all threads, so that memory freed by one scrape serves the next on any thread.
  ::mallopt(M_ARENA_MAX, 2);
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond RLIMIT_FSIZE is an error of write(2)
  auto parsed = ParseOptions(argc, argv);
  if (const auto* exit = std::get_if<EarlyExit>(&parsed)) {
    (exit->code == 0 ? std::cout : std::cerr) << exit->text;
    return exit->code;
  }
  auto& options = std::get<Options>(parsed);
  log::Configure(options.log_level, options.log_format);
  if (options.command == Command::kHealthcheck) {
    if (options.sandbox) static_cast<void>(confinement::KeepOnly({}));
    return Healthcheck(options, std::cout, std::cerr);
  }
  if (options.command == Command::kReport && !options.report.from.empty()) {
    if (options.sandbox) static_cast<void>(confinement::KeepOnly({}));
    return ReportFrom(options.report, std::cin, std::cout, std::cerr);
  }
  if (options.command == Command::kServe) {
    // 1: the text file has not been written.
    EndOnStopSignals(options.output.textfile.empty() ? 0 : 1);
    IgnoreOtherSignals();
  }
  if (options.command == Command::kServe || options.command == Command::kAdvise) LimitStart();
  const auto manager = Manager();
  auto access = AccessOf(options);
  GiveUpPrivileges(options, access);
  if (options.command == Command::kReport) return Report(options, access);
  if (options.command == Command::kAdvise) return Advise(options, access, std::cout, std::cerr);
  if (options.command == Command::kCheck) {
    return Check(options, CollectorsOf(options, access), CapabilityUsesOf(options, access),
                 access.place, std::cout);
  }
  if (!options.output.textfile.empty()) {
    auto collectors = CollectorsOf(options, access);
    LogStart(options, access.place);
    return Textfile(options, std::move(collectors), access, std::cout);
  }
  const auto history = std::make_shared<DayHistory>();
  auto collectors = CollectorsOf(options, access, [history](auto entries, auto limit) {
    history->AddEntries(std::chrono::steady_clock::now(), entries, limit);
  });
  LogStart(options, access.place);
  return Serve(options, std::move(collectors), access, manager, history);
}

/// Reports a failed write to standard output and returns 1. Reports nothing if the reader of a pipe
/// has exited, as in `report | head -1`; there SIGPIPE ends the process anyway, unless it is
/// ignored.
int RunAndFlush(int argc, char** argv) {
  StandardStream out(std::cout, STDOUT_FILENO);
  const int code = Run(argc, argv);
  const int error = out.Finish();
  if (error == 0) return code;
  if (error != EPIPE) {
    std::cerr << "conntrack_exporter: "
              << ErrorFromErrno(error, "writing to standard output").message << "\n";
  }
  return code == 0 ? 1 : code;
}

}  // namespace
}  // namespace conntrack::exporter

int main(int argc, char** argv) {
  conntrack::exporter::OpenStandardStreams();
  conntrack::exporter::LoadNoModules();
  const conntrack::exporter::StandardStream err(std::cerr, STDERR_FILENO);
  try {
    return conntrack::exporter::RunAndFlush(argc, argv);
  } catch (const conntrack::kernel::ThreadError& failure) {
    conntrack::exporter::log::ErrorLine(
        "cannot start", {{"err", failure.error().message}, {"remedy", failure.error().remedy}});
    return 1;
  } catch (const std::exception& exception) {
    std::cerr << "conntrack_exporter: " << exception.what() << "\n";
    return 1;
  }
}
