#include "exporter/process/start_log.h"

#include <unistd.h>

#include <string>

#include "exporter/confinement/confinement_log.h"
#include "exporter/process/log.h"
#include "exporter/version.h"

namespace conntrack::exporter {

void LogStart(const Options& options) {
  std::string enabled;
  for (const auto& name : options.collectors) enabled += (enabled.empty() ? "" : ",") + name;
  log::Info("starting", {{"version", kVersion}, {"revision", kRevision}, {"collectors", enabled}});
  for (const auto& [name, reason] : options.left_out) {
    log::Info("collector is off, because it cannot be read here",
              {{"collector", name}, {"err", reason.message}, {"remedy", reason.remedy}});
  }
  LogConfinement(options.confinement);
  if (::geteuid() == 0)
    log::Info("running as root; CAP_NET_ADMIN is enough for all that is on by default");
}

}  // namespace conntrack::exporter
