#include "exporter/commands/commands.h"

#include <unistd.h>

#include <string>
#include <tuple>

#include "diagnosis/standing.h"
#include "exporter/process/log.h"
#include "exporter/version.h"

namespace conntrack::exporter {
namespace {

/// A feature that an old kernel lacks, or that we disabled, does not deserve a warning.
void LogShortcoming(std::string_view what, const Error& error) {
  const bool expected = error.kind == ErrorKind::kAbsent || error.kind == ErrorKind::kHeldBack;
  log::Write(expected ? log::Level::kInfo : log::Level::kWarn, what,
             {{"err", error.message}, {"remedy", error.remedy}});
}

/// Logs one line about privileges and confinement, and one for each measure that failed.
void LogConfinement(const confinement::Confinement& confinement) {
  const auto uid = std::to_string(::geteuid());
  const auto kept = ToString(confinement.kept);
  if (!confinement.sandbox) {
    log::Warn("--no-sandbox: privileges are not dropped, nothing is confined",
              {{"uid", uid}, {"capabilities", kept}});
    return;
  }
  const auto& [capabilities, calls, files] =
      std::tie(confinement.capabilities, confinement.system_calls, confinement.files);
  log::Info("privileges",
            {{"uid", uid},
             {"capabilities", kept},
             {"until_listening", ToString(confinement.until_listening)},
             {"no_new_privs", confinement.no_new_privileges ? "yes" : "no"},
             {"system_calls", calls ? "filtered" : "not filtered"},
             {"files", files ? "Landlock " + std::to_string(*files) : "not confined"}});
  if (!capabilities) LogShortcoming("capabilities are left as they are", capabilities.error());
  if (!calls) LogShortcoming("system calls are not filtered", calls.error());
  if (!files) LogShortcoming("files are not confined", files.error());
}

}  // namespace

void LogStart(const Options& options, const kernel::Place& place) {
  std::string enabled;
  for (const auto& name : options.collectors) enabled += (enabled.empty() ? "" : ",") + name;
  log::Info("starting", {{"version", kVersion}, {"revision", kRevision}, {"collectors", enabled}});
  for (const auto& what : options.without_effect) {
    log::Warn("flag has no effect, because its collector is off", {{"flag", what}});
  }
  for (const auto& [name, reason, expected] : options.left_out) {
    log::Write(expected ? log::Level::kDebug : log::Level::kInfo,
               "collector is off, because its source cannot be read here",
               {{"collector", name}, {"err", reason.message}, {"remedy", reason.remedy}});
  }
  if (const auto elsewhere = WhyNotTheHost(place)) {
    LogShortcoming("running in a network namespace other than the host's", *elsewhere);
  }
  LogConfinement(options.confinement);
  if (::geteuid() == 0)
    log::Info("running as root; the default collectors need only CAP_NET_ADMIN and CAP_SYSLOG");
}

}  // namespace conntrack::exporter
