// The commands of conntrack_exporter. Each returns the exit code of the process. main() replaces 0
// by 1 if standard output could not be written.
#pragma once

#include <array>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "collectors/kernel_access.h"
#include "diagnosis/day_history.h"
#include "diagnosis/sizing_advice.h"
#include "exporter/command_line/options.h"
#include "exporter/confinement/confinement_needs.h"
#include "exporter/metrics/reading_scheduler.h"
#include "exporter/process/service_manager.h"

namespace conntrack::exporter {

/// Logs version, collectors, disabled collectors with reason and remedy, privileges, and whether
/// the figures are not the host's. These are the first log lines of Serve() and Textfile().
void LogStart(const Options& options, const kernel::Place& place);

/// \brief  Serves metrics until SIGTERM or SIGINT, which the calling thread must have blocked.
/// Notifies `manager` when it is ready, regularly as long as no collector hangs, and when it stops.
/// Adds counters and walks to `history`; the collectors add the entries.
/// Returns 0 after a signal; 2 for an invalid listen address or web configuration.
[[nodiscard]] int Serve(const Options& options, std::vector<NamedCollector> collectors,
                        const KernelAccess& access, const ServiceManager& manager,
                        const std::shared_ptr<DayHistory>& history);

/// \brief  Writes the metrics to a file for node_exporter's textfile collector, or to `out`: once,
/// or repeatedly until SIGTERM or SIGINT, which the calling thread must have blocked.
///
/// Uses the text format 0.0.4 without timestamps, and without process_*, because node_exporter has
/// its own. A collector that fails does not prevent the others from being written. After a first
/// success, a write that fails is logged and retried after the interval, because a full disk may be
/// temporary.
/// Returns 0; 1 if nothing could be written; 2 if a label to add already exists.
[[nodiscard]] int Textfile(const Options& options, std::vector<NamedCollector> collectors,
                           const KernelAccess& access, std::ostream& out);

/// \brief  Prints where the process runs, runs each enabled collector once, and prints what can be
/// read, what cannot, why, and the remedy. Then prints the privileges of the process and the
/// capabilities that each collector uses.
/// Returns 0 if all enabled collectors can read or have nothing to read, otherwise 1.
[[nodiscard]] int Check(const Options& options, std::vector<NamedCollector> collectors,
                        std::vector<CollectorUse> uses, const kernel::Place& place,
                        std::ostream& out);

/// The collectors that a report is based on.
inline constexpr std::array<std::string_view, 5> kReportReads = {"table", "stat", "flows",
                                                                 "persistence", "ena"};

/// \brief  Prints the state of the table and its problems, once, or repeatedly until SIGINT or
/// SIGTERM. Takes about 2 s, because recent losses are the difference of two readings.
/// Returns 0, also with findings and if the kernel does not track; 1 if nothing could be read or
/// written.
[[nodiscard]] int Report(const Options& options, KernelAccess access);

/// \brief  Prints the last hour and the last day of an exporter, from its /history.json or, for
/// "-", from `in`.
/// Returns 0; 1 if there is no valid response; 2 for an invalid URL.
[[nodiscard]] int ReportFrom(const report::ReportOptions& options, std::istream& in,
                             std::ostream& out, std::ostream& err);

/// The collectors that advice is based on.
inline constexpr std::array<std::string_view, 2> kAdviseReads = {"table", "flows"};

/// \brief  Reads the host and prints recommended settings with reasons, or writes the files that
/// apply them.
/// Returns 0; 1 if the host cannot be read or a file cannot be written; 2 if the folder is refused
/// or already has these files.
[[nodiscard]] int Advise(const Options& options, const KernelAccess& access, std::ostream& out,
                         std::ostream& err);

/// The same for a host that has already been read.
[[nodiscard]] int AdviseFor(const Machine& machine, const Options& options, std::ostream& out,
                            std::ostream& err);

/// \brief  Checks the health of the exporter on this host, for images without shell and curl. A
/// response of 401 counts as healthy: credentials on the command line of a probe would be visible
/// to all users of the host.
/// Returns 0 if healthy, 1 if not, 2 for an invalid URL or listen address.
[[nodiscard]] int Healthcheck(const Options& options, std::ostream& out, std::ostream& err);

}  // namespace conntrack::exporter
